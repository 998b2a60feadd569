"""S3 Select: runs one SQL statement over the bytes of one object. Pure functions: no state, no network, no files.

`request` checks the parameters. `parser` has sqlglot parse the statement, after `lexer` has checked each word by S3's dialect.
`compiler` (with `conditions` and `paths`) turns sqlglot's tree into functions of a record, which use `functions`,
`format_patterns`, `three_valued_logic`, `values` and `timestamps`. `json_source`, `csv_source` and `parquet_source` read records
from the object, `writers` formats the results, and `executor` runs the query and returns the events of the response.

Why sqlglot and not a database: the records of one object differ in their types, MISSING is not NULL, each timestamp has its own
precision, and decimals keep their digits. DuckDB, which was tried, rounds ``CAST('1.23456' AS DECIMAL)`` to 1.235, writes 1.10 as
1.1 in JSON, does not accept ``S3Object[*].a``, ``IS MISSING`` or ``2007T``, and can open files.

Source of error codes and messages: "List of SELECT Object Content Error Codes" in AWS's documentation. They were not recorded
from AWS.
"""
