//! What is asked of one policy, one kind of question a file.

mod api_keys;
mod empty;
mod endpoints;
mod exposure;
mod forms;
mod hidden;
mod long_lived;
pub(super) mod names;
mod patterns;
mod reach;
mod secrets;
mod time;
pub(super) mod values;

use std::ops::Range;

use super::Rules;
use super::drafts::Drafts;
use crate::jsonc::SourceText;
use crate::policy::Document;

/// What a policy says that its values do not tell any more.
pub(super) fn of_policy(text: &SourceText, drafts: &mut Drafts) {
    empty::empty(text, drafts);
}

/// What the characters of a part of a text show, whatever it says.
pub(super) fn of_text(text: &SourceText, part: Range<usize>, drafts: &mut Drafts) {
    secrets::secrets(text, &part, drafts);
    hidden::hidden(text, &part, drafts);
}

/// Every question.
pub(super) fn of_document(document: &Document, rules: &Rules, drafts: &mut Drafts) {
    patterns::patterns(document, drafts);
    reach::reach(document, drafts);
    forms::forms(document, drafts);
    api_keys::api_keys(document, drafts);
    endpoints::endpoints(document, drafts);
    exposure::exposure(document, drafts);
    long_lived::long_lived(document, drafts);
    names::names(document, drafts);
    values::values(document, drafts);
    time::time(document, rules, drafts);
}
