//! Access keys that live until somebody deletes them, by whatever method they would be used.

use crate::auth::{Method, Root};
use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::check::never::may_match;
use crate::jsonc::Located;
use crate::policy::{Document, Methods};

pub(super) fn long_lived(document: &Document, drafts: &mut Drafts) {
    let Some(methods) = document.methods.as_deref() else { return };
    let Methods { automatic, named_profile, sso: _, iam_credentials, api_key: _ } = methods;
    if let Some(rule) = automatic.as_deref() {
        let message =
            "the SDK's default chain may take access keys that live until somebody deletes them";
        // Without `roots` it may take any, which is told in words of its own.
        of_roots(&rule.roots, Method::Automatic, document, message, drafts);
    }
    if let Some(rule) = named_profile.as_deref() {
        // A profile that has to assume a role signs with the session of that, and begins with keys.
        let message = match &rule.role_arns {
            Some(_) => {
                "roles may be assumed with access keys that live until somebody deletes them"
            }
            None => "profiles with access keys that live until somebody deletes them are allowed",
        };
        if rule.roots.is_none() && may_match(document, Method::NamedProfile) {
            drafts
                .add(Lint::LongLivedKeysAllowed, Spot::key("/methods/named_profile"), message)
                .advise("name the `roots` that are meant, such as `sso` and `web_identity`");
        }
        of_roots(&rule.roots, Method::NamedProfile, document, message, drafts);
    }
    if let Some(rule) = iam_credentials.as_deref()
        && !rule.temporary_only.as_ref().is_some_and(|demand| demand.value)
        && may_match(document, Method::IamCredentials)
    {
        drafts
            .add(
                Lint::LongLivedKeysAllowed,
                Spot::key("/methods/iam_credentials"),
                "access keys that live until somebody deletes them are allowed",
            )
            .advise("add `\"temporary_only\": true`")
            .because_of("/environment_families");
    }
}

fn of_roots(
    roots: &Option<Located<Vec<Root>>>,
    method: Method,
    document: &Document,
    message: &str,
    drafts: &mut Drafts,
) {
    let roots = roots.iter().flat_map(|roots| roots.iter());
    if let Some(index) = roots.into_iter().position(|root| *root == Root::LongLivedKeys)
        // What nothing can match allows no key.
        && may_match(document, method)
    {
        let spot = Spot::element(&format!("/methods/{method}/roots"), index);
        drafts
            .add(Lint::LongLivedKeysAllowed, spot, message)
            .advise("remove `long_lived_keys`")
            .because_of(format!("/methods/{method}"));
    }
}
