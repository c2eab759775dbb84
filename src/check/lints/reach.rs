//! What nothing can ever reach: rules, parts of rules, and policies as a whole.

use crate::auth::{Method, Root};
use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::check::lists;
use crate::check::never::{Never, can_be_a_role, is_empty, is_of_api_keys, never};
use crate::policy::{AppliesTo, Document};

pub(super) fn reach(document: &Document, drafts: &mut Drafts) {
    applies_to(document, drafts);
    let mut is_open = false;
    for method in Method::ALL {
        if !document.lists(*method) {
            continue;
        }
        let reasons = never(document, *method);
        is_open |= reasons.is_empty();
        for Never { key, why, ground } in reasons {
            let spot = Spot::key(format!("/methods/{method}/{key}"));
            let message = format!("nothing can match the rule of `{method}`: {why}");
            let draft = drafts.add(Lint::NeverMatches, spot, message);
            draft
                .advise(
                    "name what is meant, or remove the rule: a method that is not listed is denied",
                )
                .because_of(format!("/methods/{method}"));
            if let Some(ground) = ground {
                draft.because_of(ground);
            }
        }
    }
    elements(document, drafts);
    without_effect(document, drafts);
    // One that only reports keeps nobody out.
    if document.enforces() {
        shut(document, is_open, drafts);
    }
}

/// A policy that, taken for itself, denies every call.
fn shut(document: &Document, is_open: bool, drafts: &mut Drafts) {
    let lists =
        [("/regions", is_empty(&document.regions)), ("/endpoints", is_empty(&document.endpoints))];
    for (pointer, _) in lists.iter().filter(|(_, allows_none)| *allows_none) {
        drafts
            .add(
                Lint::AllowsNobody,
                Spot::key(*pointer),
                "nobody can authenticate: the list is empty, so every call is denied",
            )
            .advise("name what is allowed, or remove the key")
            .because_of("/enforcement");
    }
    if !is_open {
        drafts
            .add(
                Lint::AllowsNobody,
                Spot::key("/methods"),
                "nobody can authenticate: no method is left that anything could match",
            )
            .advise("list the methods that people use, each with a rule that something can match")
            .because_of("/enforcement")
            .because_of("/environment_families");
    }
}

const FORM_OF_ROLES: &str = "a role is written as in `arn:aws:iam::111122223333:role/Bedrock*`; `*` crosses neither `:` nor `/`";

/// Elements that can never match, of lists of which others can.
fn elements(document: &Document, drafts: &mut Drafts) {
    let Some(methods) = document.methods.as_deref() else { return };
    for (method, roots) in lists::roots(methods) {
        // Where no other is listed, nothing matches the rule, and that is told.
        if roots.iter().all(|root| is_of_api_keys(*root)) {
            continue;
        }
        for (index, _) in roots.iter().enumerate().filter(|(_, root)| is_of_api_keys(**root)) {
            let spot = Spot::element(&format!("/methods/{method}/roots"), index);
            drafts
                .add(Lint::NeverMatches, spot, format!("no credential of `{method}` has this root"))
                .advise("remove it; Bedrock API keys have a rule of their own, `methods.api_key`");
        }
    }
    for (method, role_arns) in lists::role_arns(methods) {
        let no_roles = role_arns.iter().enumerate().filter(|(_, pattern)| !can_be_a_role(pattern));
        let no_roles: Vec<_> = no_roles.map(|(index, _)| index).collect();
        // Where no other is listed, nothing matches the rule, and that is told.
        if method == Method::NamedProfile && no_roles.len() == role_arns.len() {
            continue;
        }
        for index in no_roles {
            let spot = Spot::element(&format!("/methods/{method}/role_arns"), index);
            drafts
                .add(Lint::NeverMatches, spot, "no role has an ARN of this form")
                .advise(FORM_OF_ROLES);
        }
    }
}

fn without_effect(document: &Document, drafts: &mut Drafts) {
    let Some(methods) = document.methods.as_deref() else { return };
    let mut tell = |rule: String, key: &str, why: &str| {
        drafts
            .add(
                Lint::NoEffect,
                Spot::key(format!("{rule}/{key}")),
                format!("this changes nothing: {why}"),
            )
            .advise("remove it, or write what it was to go with")
            .because_of(rule);
    };
    let rules =
        [
            (
                "automatic",
                methods.automatic.as_deref().map(|rule| {
                    (&rule.roots, &rule.commands, &rule.accounts, &rule.accounts_known)
                }),
            ),
            (
                "named_profile",
                methods.named_profile.as_deref().map(|rule| {
                    (&rule.roots, &rule.commands, &rule.accounts, &rule.accounts_known)
                }),
            ),
        ];
    for (method, constraints) in rules {
        let Some((roots, commands, accounts, accounts_known)) = constraints else { continue };
        let rule = || format!("/methods/{method}");
        if accounts_known.is_some() && accounts.is_none() {
            tell(rule(), "accounts_known", "the rule names no `accounts`");
        }
        let runs_no_command = roots
            .as_ref()
            .is_some_and(|roots| !roots.is_empty() && !roots.contains(&Root::CredentialProcess));
        if commands.is_some() && runs_no_command {
            let why = "`roots` does not name `credential_process`, so no command is run";
            tell(rule(), "commands", why);
        }
    }
}

fn applies_to(document: &Document, drafts: &mut Drafts) {
    let Some(AppliesTo { users, groups, hosts }) = document.applies_to.as_deref() else { return };
    let lists = [
        ("users", users.as_ref().map(Vec::len)),
        ("groups", groups.as_ref().map(Vec::len)),
        ("hosts", hosts.as_ref().map(Vec::len)),
    ];
    for (key, _) in lists.iter().filter(|(_, length)| *length == Some(0)) {
        drafts
            .add(
                Lint::AppliesToNobody,
                Spot::key(format!("/applies_to/{key}")),
                "the policy is for nobody: the list is empty",
            )
            .advise("name whom it is for, or remove the list: then it is for everybody");
    }
}
