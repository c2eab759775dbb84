//! What is worth knowing about a journal, and nothing wrong with it.

use schemars::JsonSchema;
use serde::Serialize;

use super::finding::At;
use crate::words::words;

words! {
    /// What is worth knowing.
    pub enum WarningCode {
        /// A file holds nothing but what another one holds, byte for byte from the beginning.
        Copy = "copy",
        /// A file is compressed, and was not read.
        Compressed = "compressed",
        /// Checkpoints are signed with a key that is not known, and a later one that is true vouches for their records.
        EarlierKey = "earlier_key",
    }
}

impl WarningCode {
    /// What can be done about it.
    pub fn remedy(self) -> &'static str {
        match self {
            WarningCode::Copy => "keep copies elsewhere; this one was not counted",
            WarningCode::Compressed => "decompress it, so that its records are verified",
            WarningCode::EarlierKey => {
                "name the earlier key with `--key` as well to have these signatures compared"
            }
        }
    }
}

/// Something that is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Warning {
    /// What it is.
    pub code: WarningCode,
    /// What was seen, in words.
    pub message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// What can be done about it.
    pub remedy: String,
}

impl Warning {
    pub(super) fn new(code: WarningCode, at: Option<At>, message: String) -> Self {
        Warning { code, message, at, remedy: code.remedy().to_owned() }
    }
}
