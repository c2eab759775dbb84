//! What `policy check` finds: each kind where it is, each page true, and nothing in the policies of the catalogue that is not known.

#[path = "../catalogue/mod.rs"]
mod catalogue;

mod fixtures;
mod good;
mod pages;
mod texts;

use bedrock_auth::check::Rules;
use jiff::SignedDuration;

/// The moment of all tests.
fn rules() -> Rules {
    Rules {
        now: "2026-06-01T00:00:00Z".parse().unwrap(),
        expires_within: SignedDuration::from_hours(30 * 24),
    }
}
