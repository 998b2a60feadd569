"""Fill a fake with objects from dictionaries and directories."""
