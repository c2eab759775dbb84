//! What is asked of one policy, one kind of question a file.

mod api_keys;
mod endpoints;
mod exposure;
pub(super) mod hidden;
mod long_lived;
pub(super) mod names;
mod patterns;
mod reach;
pub(super) mod secrets;
mod time;
pub(super) mod values;

use super::Rules;
use super::drafts::Drafts;
use crate::policy::Document;

/// Every question.
pub(super) fn of_document(document: &Document, rules: &Rules, drafts: &mut Drafts) {
    patterns::patterns(document, drafts);
    reach::reach(document, drafts);
    api_keys::api_keys(document, drafts);
    endpoints::endpoints(document, drafts);
    exposure::exposure(document, drafts);
    long_lived::long_lived(document, drafts);
    names::names(document, drafts);
    values::values(document, drafts);
    time::time(document, rules, drafts);
}
