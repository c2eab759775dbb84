//! What `policy check` finds: each kind where it is, each page true, and nothing in the policies of the catalogue that is not known.

#[path = "../catalogue/mod.rs"]
mod catalogue;

mod fixtures;
mod good;
mod pages;
mod texts;

use bedrock_auth::check::Rules;

/// Codes that no text of a fixture provokes, or that editors and Git would mend: made in `texts.rs`, and the last in the tests
/// of the program, which looks for files.
const NO_TEXT: &[&str] =
    &["byte_order_mark", "not_utf8", "nul_character", "too_deep", "unreadable", "nothing_to_check"];

/// The moment of all tests.
fn rules() -> Rules {
    Rules::at("2026-06-01T00:00:00Z".parse().unwrap(), 30)
}
