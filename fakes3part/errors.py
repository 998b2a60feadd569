"""The errors of S3: one class, `S3Error`, and one table, code -> (status, message).

The texts are AWS's, word for word with their oddities, from recordings where there are any. Those of S3 Select (of expressions,
files and formats) are from "List of SELECT Object Content Error Codes" in the Amazon S3 API Reference. Further elements of an
error document (``UploadId``, ``ArgumentName`` ...) are keyword arguments, in the order of the document::

    raise S3Error("NoSuchUpload", UploadId=upload_id)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_INVALID_ARGUMENT = "Invalid Argument"
_PRECONDITION = "At least one of the pre-conditions you specified did not hold"
_MALFORMED_XML = "The XML you provided was not well-formed or did not validate against our published schema"
_CONFLICT = "The conditional request cannot succeed due to a conflicting operation against this resource."

ERRORS: dict[str, tuple[int, str]] = {
    "AccessControlListNotSupported": (400, "The bucket does not allow ACLs"),
    "AccessDenied": (403, "Access Denied"),
    "AccessForbidden": (403, "CORSResponse: CORS is not enabled for this bucket."),
    "AccessPointAlreadyOwnedByYou": (
        409,
        "Your previous request to create the named accesspoint succeeded and you already own it.",
    ),
    "AmbiguousFieldName": (
        400,
        "Field name matches to multiple fields in the file. Check the SQL expression and the file, and try again.",
    ),
    "AnnotationLimitExceeded": (400, "The request would exceed the maximum number of annotations allowed per object."),
    "AnnotationNameTooLong": (400, "The annotation name exceeds 512 bytes."),
    "AuthorizationHeaderMalformed": (400, "The authorization header is malformed"),
    "AuthorizationQueryParametersError": (400, "Error parsing the authorization query parameters"),
    "BadDigest": (400, "The Content-MD5 you specified did not match what we received."),
    "BadRequest": (400, "Bad Request"),
    "BucketAlreadyExists": (
        409,
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
        "Please select a different name and try again.",
    ),
    "BucketAlreadyOwnedByYou": (
        409,
        "Your previous request to create the named bucket succeeded and you already own it.",
    ),
    "BucketHasAccessPointsAttached": (
        400,
        "The bucket you are attempting to delete has access points attached. Delete your access points before attempting "
        "to delete the bucket.",
    ),
    "BucketNotEmpty": (409, "The bucket you tried to delete is not empty"),
    "CSVParsingError": (400, "Encountered an error parsing the CSV file. Check the file and try again."),
    "CSVUnescapedQuote": (400, "Encountered an unescaped quote while parsing the CSV file. Check the file and try again."),
    "CastFailed": (400, "Attempt to convert from one data type to another using CAST failed in the SQL expression."),
    "ConditionalRequestConflict": (409, _CONFLICT),
    "EncryptionTypeMismatch": (
        400,
        "The existing object was created with a different encryption type. Subsequent write requests must include the "
        "appropriate encryption parameters in the request or while creating the session.",
    ),
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed size"),
    "EntityTooSmall": (400, "Your proposed upload is smaller than the minimum allowed size"),
    "EvaluatorBindingDoesNotExist": (400, "A column name or a path provided does not exist in the SQL expression."),
    "EvaluatorInvalidArguments": (400, "Incorrect number of arguments in the function call in the SQL expression."),
    "EvaluatorInvalidTimestampFormatPatternSymbol": (
        400,
        "Timestamp format pattern contains an invalid symbol in the SQL expression.",
    ),
    "EvaluatorInvalidTimestampFormatPatternToken": (
        400,
        "Timestamp format pattern contains an invalid token in the SQL expression.",
    ),
    "EvaluatorLikePatternInvalidEscapeSequence": (400, "Argument given to the LIKE expression was not valid."),
    "EvaluatorNegativeLimit": (400, "LIMIT must not be negative."),
    "EvaluatorUnterminatedTimestampFormatPatternToken": (
        400,
        "Timestamp format pattern contains an unterminated token in the SQL expression.",
    ),
    "ExpiredToken": (400, "The provided token has expired."),
    "ExpressionTooLong": (400, "The SQL expression is too long: The maximum byte-length for the SQL expression is 256 KB."),
    "ExternalEvalException": (400, "The query cannot be evaluated. Check the file and try again."),
    "HttpVersionNotSupported": (505, "The HTTP version specified is not supported."),
    "IdempotencyParameterMismatch": (
        400,
        "Parameters on this idempotent request are inconsistent with parameters used in previous request(s).",
    ),
    "IllegalLocationConstraintException": (
        400,
        "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
    ),
    "IllegalVersioningConfigurationException": (400, "The Versioning element must be specified"),
    "IncompleteBody": (400, "You did not provide the number of bytes specified by the Content-Length HTTP header"),
    "IncorrectSqlFunctionArgumentType": (400, "Incorrect type of arguments in function call in the SQL expression."),
    "IntegerOverflow": (400, "Integer overflow or underflow in the SQL expression."),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidAccessKeyId": (403, "The AWS Access Key Id you provided does not exist in our records."),
    "InvalidAnnotationName": (400, "The annotation name you provided is invalid."),
    "InvalidAccessPoint": (400, "The specified access point name or account is not valid."),
    "InvalidAccessPointAliasError": (400, "The specified access point alias name is not valid."),
    "InvalidArgument": (400, _INVALID_ARGUMENT),
    "InvalidBucketAclWithObjectOwnership": (
        400,
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    ),
    "InvalidBucketAclWithBlockPublicAccessError": (400, "Bucket cannot have public ACLs set with BlockPublicAccess enabled"),
    "InvalidBucketName": (400, "The specified bucket is not valid."),
    "InvalidBucketNamespace": (
        400,
        "The requested bucket name does not have the suffix of your account-regional namespace, which ends in the reserved -an.",
    ),
    "InvalidBucketOwnerAWSAccountID": (
        400,
        "The value of the expected bucket owner parameter must be an AWS Account ID...",
    ),
    "InvalidBucketState": (
        409,
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
    ),
    "InvalidChunkSizeError": (400, "Only the last chunk is allowed to have a size less than 8192 bytes"),
    "InvalidColumnIndex": (400, "The column index in the SQL expression is not valid."),
    "InvalidCompressionFormat": (400, "The file is not in a supported compression format. Only GZIP and BZIP2 are supported."),
    "InvalidDataType": (400, "The SQL expression contains an invalid data type."),
    "InvalidDigest": (400, "The Content-MD5 you specified was invalid."),
    "InvalidEncryptionAlgorithmError": (
        400,
        "The Encryption request you specified is not valid. Supported value: AES256.",
    ),
    "InvalidExpressionType": (400, "The ExpressionType is not valid. Only SQL expressions are supported."),
    "InvalidFileHeaderInfo": (400, "The FileHeaderInfo is not valid. Only NONE, USE, and IGNORE are supported."),
    "InvalidJsonType": (400, "The JsonType is not valid. Only DOCUMENT and LINES are supported."),
    "InvalidKeyPath": (400, "The key path in the SQL expression is not valid."),
    "InvalidLocationConstraint": (400, "The specified location-constraint is not valid"),
    "InvalidNamespaceHeader": (400, "The bucket name does not have the suffix of an account-regional namespace."),
    "InvalidObjectState": (403, "The operation is not valid for the object's storage class"),
    "InvalidPart": (
        400,
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
        "entity tag may not match the part's entity tag.",
    ),
    "InvalidPartNumber": (416, "The requested partnumber is not satisfiable"),
    "InvalidPartOrder": (
        400,
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
    ),
    "InvalidPolicyDocument": (400, "Invalid Policy"),
    "InvalidPrefix": (400, "The annotation prefix you provided is invalid."),
    "InvalidQuoteFields": (400, "The QuoteFields is not valid. Only ALWAYS and ASNEEDED are supported."),
    "InvalidRange": (416, "The requested range is not satisfiable"),
    "InvalidRedirectLocation": (
        400,
        "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
    ),
    "InvalidRequest": (400, "Invalid Request"),
    "InvalidRequestParameter": (
        400,
        "The value of a parameter in the SelectRequest element is not valid. Check the service API documentation and try again.",
    ),
    "InvalidScanRange": (400, "The provided scan range is not valid."),
    "InvalidStorageClass": (400, "The storage class you specified is not valid"),
    "InvalidTableAlias": (400, "The SQL expression contains a table alias that is not valid."),
    "InvalidTag": (400, "The TagKey you have provided is invalid"),
    "InvalidTextEncoding": (400, "The encoding type is not valid. Only UTF-8 encoding is supported."),
    "InvalidToken": (400, "The provided token is malformed or otherwise invalid."),
    "InvalidURI": (400, "Couldn't parse the specified URI."),
    "InvalidWriteOffset": (400, "The write offset value that you specified does not match the current object size."),
    "JSONParsingError": (400, "Encountered an error parsing the JSON file. Check the file and try again."),
    "KMS.DisabledException": (400, "The key is disabled."),
    "KMS.KMSInvalidStateException": (400, "The key is pending deletion."),
    "KMS.NotFoundException": (400, "Invalid keyId"),
    "KeyTooLongError": (400, "Your key is too long"),
    "LambdaInvalidResponse": (400, "The response of the Lambda function is invalid."),
    "LambdaResponseNotReceived": (400, "The Lambda function exited without successfully calling WriteGetObjectResponse."),
    "LambdaRuntimeError": (400, "Lambda function failed during execution."),
    "LexerInvalidChar": (400, "The SQL expression contains a character that is not valid."),
    "LexerInvalidIONLiteral": (400, "The SQL expression contains an operator that is not valid."),
    "LexerInvalidLiteral": (400, "The SQL expression contains an operator that is not valid."),
    "LexerInvalidOperator": (400, "The SQL expression contains a literal that is not valid."),
    "LikeInvalidInputs": (400, "Invalid argument given to the LIKE clause in the SQL expression."),
    "MalformedACLError": (400, _MALFORMED_XML),
    "MalformedPOSTRequest": (400, "The body of your POST request is not well-formed multipart/form-data."),
    "MalformedPolicy": (400, "Policies must be valid JSON and the first byte must be '{'"),
    "MalformedTrailerError": (
        400,
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
    ),
    "MalformedXML": (400, _MALFORMED_XML),
    "MaxMessageLengthExceeded": (400, "Your request was too big."),
    "MaxPostPreDataLengthExceeded": (400, "Your POST request fields preceding the upload file were too large."),
    "MetadataTooLarge": (400, "Your metadata headers exceed the maximum allowed metadata size"),
    "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
    "MissingContentLength": (411, "You must provide the Content-Length HTTP header."),
    "MissingHeaders": (400, "Some headers in the query are missing from the file. Check the file and try again."),
    "MissingNamespaceHeader": (
        400,
        "The requested bucket is an account-regional namespace bucket, but your request is missing the required "
        "x-amz-bucket-namespace header.",
    ),
    "MissingRequiredParameter": (
        400,
        "The SelectRequest entity is missing a required parameter. Check the service documentation and try again.",
    ),
    "MissingRequestBodyError": (400, "Request Body is empty"),
    "MissingSecurityHeader": (400, "Your request was missing a required header"),
    "MultipleDataSourcesUnsupported": (400, "Multiple data sources are not supported."),
    "NoLoggingStatusForKey": (400, "There is no such thing as the ?logging sub-resource for a key"),
    "NoSuchAccessPoint": (404, "The specified accesspoint does not exist"),
    "NoSuchAccessPointPolicy": (404, "The specified accesspoint policy does not exist"),
    "NoSuchAnnotation": (404, "The specified annotation does not exist."),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "NoSuchBucketPolicy": (404, "The bucket policy does not exist"),
    "NoSuchCORSConfiguration": (404, "The CORS configuration does not exist"),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchLifecycleConfiguration": (404, "The lifecycle configuration does not exist"),
    "NoSuchObjectLockConfiguration": (404, "The specified object does not have a ObjectLock configuration"),
    "NoSuchPublicAccessBlockConfiguration": (404, "The public access block configuration was not found"),
    "NoSuchTagSet": (404, "The TagSet does not exist"),
    "NoSuchUpload": (
        404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    ),
    "NoSuchVersion": (404, "The specified version does not exist."),
    "NoSuchWebsiteConfiguration": (404, "The specified bucket does not have a website configuration"),
    "NotImplemented": (501, "A header you provided implies functionality that is not implemented"),
    "NotModified": (304, "Not Modified"),
    "ObjectLockConfigurationNotFoundError": (404, "Object Lock configuration does not exist for this bucket"),
    "ObjectSerializationConflict": (
        400,
        "InputSerialization specifies more than one format (CSV, JSON, or Parquet), or OutputSerialization specifies "
        "more than one format (CSV or JSON). InputSerialization and OutputSerialization can only specify one format "
        "each.",
    ),
    "OperationAborted": (
        409,
        "A conflicting conditional operation is currently in progress against this resource. Please try again.",
    ),
    "OverMaxRecordSize": (
        400,
        "The length of a record in the input or result is greater than the maxCharsPerRecord limit of 1 MB.",
    ),
    "OwnershipControlsNotFoundError": (404, "The bucket ownership controls were not found"),
    "ParquetParsingError": (400, "Encountered an error parsing the Parquet file. Check the file and try again."),
    "ParquetUnsupportedCompressionCodec": (400, "The specified Parquet compression codec is not supported."),
    "ParseAsteriskIsNotAloneInSelectList": (
        400,
        "Other expressions are not allowed in the SELECT list when * is used without dot notation in the SQL expression.",
    ),
    "ParseEmptySelect": (400, "The SQL expression contains an empty SELECT clause."),
    "ParseExpectedDatePart": (400, "The expected date part was not found in the SQL expression."),
    "ParseExpectedIdentForAlias": (400, "The expected identifier for the alias was not found in the SQL expression."),
    "ParseExpectedKeyword": (400, "The expected keyword was not found in the SQL expression."),
    "ParseExpectedNumber": (400, "The expected number was not found in the SQL expression."),
    "ParseInvalidContextForWildcardInSelectList": (400, "The use of * in the SELECT list in the SQL expression is not valid."),
    "ParseInvalidPathComponent": (400, "The SQL expression contains a path component that is not valid."),
    "ParseInvalidTypeParam": (400, "The SQL expression contains a parameter value that is not valid."),
    "ParseNonUnaryAgregateFunctionCall": (400, "Only one argument is supported for aggregate functions in the SQL expression."),
    "ParseSelectMissingFrom": (400, "The SQL expression is missing a FROM clause after the SELECT list."),
    "ParseUnexpectedKeyword": (400, "The SQL expression contains an unexpected keyword."),
    "ParseUnexpectedToken": (400, "The SQL expression contains an unexpected token."),
    "ParseUnsupportedCallWithStar": (400, "Only COUNT with (*) as a parameter is supported in the SQL expression."),
    "PermanentRedirect": (
        301,
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future "
        "requests to this endpoint.",
    ),
    "PolicyTooLarge": (400, "Your policy is too large"),
    "PreconditionFailed": (412, _PRECONDITION),
    "RequestHeaderSectionTooLarge": (400, "Your request header section exceeds the maximum allowed size."),
    "RequestTimeout": (
        400,
        "Your socket connection to the server was not read from or written to within the timeout period. Idle "
        "connections will be closed.",
    ),
    "RequestTimeTooSkewed": (403, "The difference between the request time and the current time is too large."),
    "RestoreAlreadyInProgress": (409, "Object restore is already in progress"),
    "RequestURITooLong": (414, "The specified URI is too long."),
    "ServiceUnavailable": (503, "Service is unable to handle request."),
    "SignatureDoesNotMatch": (
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ),
    "SlowDown": (503, "Please reduce your request rate."),
    "TemporaryRedirect": (
        307,
        "Please re-send this request to the specified temporary endpoint. Continue to use the original request endpoint "
        "for future requests.",
    ),
    "TooManyBuckets": (400, "You have attempted to create more buckets than allowed"),
    "TooManyParts": (
        400,
        "You have attempted to add more parts than the maximum of 10000 that are allowed for this object. You can use the "
        "CopyObject operation to copy this object to another and then add more data to the newly copied object.",
    ),
    "TruncatedInput": (
        400,
        "Object decompression failed. Check that the object is properly compressed using the format specified in the request.",
    ),
    "UnexpectedContent": (400, "This request does not support content"),
    "UnsupportedFunction": (400, "Encountered an unsupported SQL function."),
    "UnsupportedMediaType": (415, "The annotation payload is not valid UTF-8 encoded text."),
    "UnsupportedParquetType": (400, "Encountered an unsupported Parquet type."),
    "UnsupportedRangeHeader": (400, "The Range header is not supported for this operation."),
    "UnsupportedScanRangeInput": (400, "Scan range queries are not supported on this type of object."),
    "UnsupportedSqlStructure": (400, "Encountered an unsupported SQL structure. Check the SQL Reference."),
    "UnsupportedStorageClass": (
        400,
        "Encountered a storage class that is not valid. Only STANDARD, STANDARD_IA, and ONEZONE_IA storage classes are "
        "supported.",
    ),
    "UserAnnotationNameMustBeSpecified": (400, "The name of the annotation must be specified."),
    "ValueParseFailure": (400, "Timestamp parse failure in the SQL expression."),
    "XAmzContentSHA256Mismatch": (
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
}


@dataclass(frozen=True)
class Decision:
    """The result of an authorization request. Its truth value is `allowed`; its text names the reason.

    Attributes:
        allowed: whether the request is allowed.
        action: the IAM action, such as ``s3:GetObject``.
        resource: the ARN of the resource.
        caller: the ARN of the caller; ``*`` for an anonymous one.
        reason: the statement, grant or rule that decided, or what is missing, as text.
        statement: the policy statement that decided, as it was written; None when no statement did.
        message: the message of S3's error response; None: the default, ``Access Denied``.
    """

    allowed: bool
    action: str
    resource: str
    caller: str
    reason: str
    statement: Mapping[str, Any] | None = field(default=None, repr=False)
    message: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        verdict = "allowed" if self.allowed else "denied"
        return f"{verdict}: {self.action} on {self.resource} by {self.caller}: {self.reason}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def __bool__(self) -> bool:
        return self.allowed


class S3Error(Exception):
    """An error response of S3. The pipeline catches it wherever it is raised.

    Args:
        code: a key of `ERRORS`.
        message: replaces the table's message; None: the table's.
        headers: further headers of the response; None: no headers.
        extras: further elements of the document, in order; None as a value is an empty element.

    Attributes:
        decision: the `Decision` of an AccessDenied, which the response does not show; None for other errors.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        /,
        headers: dict[str, str] | None = None,
        **extras: Any,
    ) -> None:
        self.status, default = ERRORS[code]
        self.code = code
        self.message = default if message is None else message
        self.headers = headers or {}
        self.extras = extras
        self.decision: Decision | None = None
        super().__init__(f"{code}: {self.message}")


def invalid_argument(message: str, name: str, value: object) -> S3Error:
    """Return InvalidArgument with ``ArgumentName`` and ``ArgumentValue``."""
    return S3Error("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)


def not_implemented(operation: str, detail: str = "") -> S3Error:
    """Return NotImplemented (501) for an operation, or an option of it (``detail``), that fakes3part does not implement."""
    subject = f"{operation} ({detail})" if detail else operation
    return S3Error("NotImplemented", f"fakes3part does not implement {subject}", Operation=operation)
