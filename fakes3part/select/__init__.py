"""S3 Select: one SQL statement over one object. No state, no network, no files: bytes in, events out.

The path of a query: `request` checks what was asked, `sql` has sqlglot parse the statement (with `words`, the lexicon of S3's
dialect, as the doorman), `compile` turns its tree into functions of a record, `source`, `delimited` and `parquet` make records
of the object's bytes, `writers` make bytes of the results, and `run` puts them together.

Why sqlglot and no database: the values are S3's, not a table's. Records of one object differ in their types, MISSING is not NULL,
timestamps have a precision each, decimals keep their digits. DuckDB, which was tried, rounds ``CAST('1.23456' AS DECIMAL)`` to
1.235, shows 1.10 in JSON as 1.1, takes neither ``S3Object[*].a``, ``IS MISSING`` nor ``2007T``, and can open files.

Error codes and messages are those of AWS's documentation (List of SELECT Object Content Error Codes), not recorded ones.
"""
