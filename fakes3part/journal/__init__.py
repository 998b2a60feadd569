"""The call journal: records of calls, filters, assertions, hints, leftovers."""
