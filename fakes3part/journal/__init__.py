"""The journal of calls: records, filters, assertions, hints, leftovers."""
