//! Why the agent answers with nothing else, in one stable word.

use std::borrow::Cow;

use axum::http::StatusCode;
use bedrock_auth::policy::DenialCode;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// Why there is nothing else.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Problem {
    /// What it is, as a stable word: a denial's code, or one of the agent's own.
    pub(super) code: Code,
    /// What happened, and what to do about it.
    pub(super) message: String,
}

/// A stable word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Code {
    /// The policies in force say so.
    Denial(DenialCode),
    /// The agent does.
    Own(ProblemCode),
}

/// The agent's own words, each with its status.
macro_rules! problem_codes {
    ($($member:ident = $word:literal, $status:ident;)+) => {
        /// A word of the agent's own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum ProblemCode { $($member,)+ }

        impl ProblemCode {
            pub(super) const ALL: &'static [Self] = &[$(ProblemCode::$member,)+];

            pub(super) const fn as_str(self) -> &'static str {
                match self { $(ProblemCode::$member => $word,)+ }
            }

            pub(super) const fn status(self) -> StatusCode {
                match self { $(ProblemCode::$member => StatusCode::$status,)+ }
            }
        }
    };
}

problem_codes! {
    ApiKey = "api_key", BAD_REQUEST;
    SessionTokenMissing = "session_token_missing", BAD_REQUEST;
    Unauthorized = "unauthorized", UNAUTHORIZED;
    OriginNotAllowed = "origin_not_allowed", FORBIDDEN;
    HostNotAllowed = "host_not_allowed", FORBIDDEN;
    Superseded = "superseded", FORBIDDEN;
    WhatIf = "what_if", FORBIDDEN;
    NotFound = "not_found", NOT_FOUND;
    Unconfigured = "unconfigured", NOT_FOUND;
    HttpMethodNotAllowed = "http_method_not_allowed", METHOD_NOT_ALLOWED;
    MetricsUnwritable = "metrics_unwritable", INTERNAL_SERVER_ERROR;
    StepFailed = "step_failed", BAD_GATEWAY;
    NotRecorded = "not_recorded", SERVICE_UNAVAILABLE;
    TooManySubscribers = "too_many_subscribers", SERVICE_UNAVAILABLE;
}

impl Code {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Code::Denial(code) => code.as_str(),
            Code::Own(code) => code.as_str(),
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Code::Denial(_) => StatusCode::FORBIDDEN,
            Code::Own(code) => code.status(),
        }
    }
}

impl Serialize for ProblemCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl JsonSchema for ProblemCode {
    fn schema_name() -> Cow<'static, str> {
        "ProblemCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
        json_schema!({ "description": "A word of the agent's own.", "type": "string", "enum": words })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One word means one thing, whoever says it.
    #[test]
    fn no_code_is_a_denials_too() {
        for own in ProblemCode::ALL {
            let is_the_same = |denial: &&DenialCode| denial.as_str() == own.as_str();
            assert_eq!(DenialCode::ALL.iter().find(is_the_same), None);
        }
    }
}
