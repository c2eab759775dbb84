//! What a reviewer of policies wants to know before they reach a laptop: every fault of the text, and what no schema can say.
//!
//! Pure: texts and the moment are handed in, findings come out. [`policy`] looks at one text, [`together`] at policies that
//! one machine has in force at once, [`settings`] at a person's settings, alone or under policies. The text is read by the
//! very code that reads it on a laptop ([`Document::parse`](crate::policy::Document::parse)), and a finding of its own is
//! never repeated in other words. The files in `lints` hold one kind of question each.

mod asked;
mod characters;
mod code;
mod destinations;
mod domains;
mod drafts;
mod finding;
mod hidden;
mod lints;
mod lists;
mod locks;
mod meet;
mod never;
mod pages;
mod report;
mod secrets;
mod settings;
mod together;

pub use code::{Code, Lint, Severity};
pub use finding::{Finding, Lines, Related, Span};
pub use pages::page;
pub use report::{Report, report_schema};
pub use secrets::mask;
pub use settings::settings;
pub use together::together;

use jiff::{SignedDuration, Timestamp};

use self::drafts::Drafts;
use crate::jsonc::{self, SourceText, StandIn, StandInValue};
use crate::policy::Document;

/// What findings depend on besides the text.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// When the policies are looked at.
    pub now: Timestamp,
    /// A policy that ends sooner than this expires soon.
    pub expires_within: SignedDuration,
}

impl Rules {
    /// At a moment, where a policy that ends within so many days expires soon.
    pub fn at(now: Timestamp, days: u16) -> Self {
        Rules { now, expires_within: SignedDuration::from_hours(24 * i64::from(days)) }
    }
}

/// A policy that was looked at.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Its text.
    pub text: SourceText,
    /// What it says; none where the text is no policy.
    pub document: Option<Box<Document>>,
    /// Everything that was found, in the order of the text.
    pub findings: Vec<Finding>,
}

/// Looks at one policy.
pub fn policy(text: SourceText, rules: &Rules) -> Checked {
    let mut drafts = Drafts::default();
    lints::of_text(&text, 0..text.as_str().len(), &mut drafts);
    let (document, mut findings) = match Document::parse(&text) {
        Ok(document) => {
            lints::of_policy(&text, &mut drafts);
            lints::of_document(&document, rules, &mut drafts);
            (Some(Box::new(document)), drafts.place(&[&text]))
        }
        Err(faults) => (None, faulty(&text, faults, rules, drafts)),
    };
    findings.sort_by_key(|finding| finding.range.start);
    Checked { text, document, findings }
}

/// What members that must be there are taken for, where the rest is looked at without them.
const STAND_INS: &[StandIn] =
    &[("schema_version", StandInValue::Number("1")), ("id", StandInValue::Text("unnamed"))];

/// The faults of a text, and what is wrong with the rest of it whatever they are mended to.
fn faulty(
    text: &SourceText,
    faults: Vec<jsonc::Finding>,
    rules: &Rules,
    mut drafts: Drafts,
) -> Vec<Finding> {
    let whole = jsonc::readable(text);
    let part =
        whole.as_ref().and_then(|whole| jsonc::sound_part::<Document>(whole, &faults, STAND_INS));
    let mut findings = match part {
        Some(part) => {
            lints::of_document(&part.value, rules, &mut drafts);
            drafts.place_in_part(text, &part)
        }
        None => drafts.place(&[text]),
    };
    findings.extend(faults.into_iter().map(|fault| Finding::of_text(fault, text)));
    findings
}
