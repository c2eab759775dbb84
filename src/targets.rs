//! The targets of what the library tells `tracing`: stable names to filter by.
//!
//! These are events for operating the program. They are no audit: records of the journal depend on no filter.

/// The machine's files and keychain are read.
pub const LOAD: &str = "bedrock_auth::load";
/// Credentials are asked for, judged and used.
pub const CLIENT: &str = "bedrock_auth::client";
/// Records are written, and what happens to the files that hold them.
pub const JOURNAL: &str = "bedrock_auth::journal";
/// Changes are noticed.
pub const WATCH: &str = "bedrock_auth::watch";
/// The agent serves.
pub const SERVE: &str = "bedrock_auth::serve";
/// The program runs a command.
pub const COMMAND: &str = "bedrock_auth::command";

/// Every target.
pub const ALL: [&str; 6] = [LOAD, CLIENT, JOURNAL, WATCH, SERVE, COMMAND];
