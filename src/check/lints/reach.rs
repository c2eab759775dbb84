//! What nothing can ever reach: rules, parts of rules, and policies as a whole.

use crate::auth::{Method, Root};
use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::check::lists;
use crate::check::never::{Never, can_be_a_name, can_be_a_role, is_empty, is_of_api_keys, never};
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
    names(document, drafts);
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

/// Permission sets that nobody can have called so, and wildcards where none is one: beside `..` in commands, and in the path of URLs.
fn names(document: &Document, drafts: &mut Drafts) {
    let mut tell = |pointer: &str, index: usize, why: &str, advice: &str| {
        drafts.add(Lint::NeverMatches, Spot::element(pointer, index), why).advise(advice);
    };
    if let Some(methods) = document.methods.as_deref() {
        let sso = methods.sso.as_deref();
        let roles = sso.and_then(|rule| rule.roles.as_deref());
        for (index, role) in roles.into_iter().flatten().enumerate() {
            if !can_be_a_name(role.as_str()) {
                let advice = "write its name alone, without an ARN, as in `BedrockUser`";
                tell("/methods/sso/roles", index, "no permission set is called so", advice);
            }
        }
        let portals = sso.and_then(|rule| rule.start_urls.as_deref());
        for (index, portal) in portals.into_iter().flatten().enumerate() {
            if portal.has_star_in_path() {
                tell("/methods/sso/start_urls", index, STAR_IN_PATH, WRITE_PATH);
            }
        }
        for (method, commands) in lists::commands(methods) {
            for (index, command) in commands.iter().enumerate() {
                if command.leaves_its_directory() {
                    let pointer = format!("/methods/{method}/commands");
                    let why = "its `*` matches nothing: no wildcard counts beside `..`";
                    tell(&pointer, index, why, "write the path without `..`");
                }
            }
        }
    }
    for (index, endpoint) in document.endpoints.iter().flat_map(|list| list.iter()).enumerate() {
        if endpoint.has_star_in_path() {
            tell("/endpoints", index, STAR_IN_PATH, WRITE_PATH);
        }
    }
}

const STAR_IN_PATH: &str = "a `*` in the path of a URL stands for itself, and no such URL is used";
const WRITE_PATH: &str = "write the path out: `*` is a wildcard in the host alone";

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
    const EDGE: (&str, &str) = (
        "nobody is called so: white space stands at an end of the name",
        "write the name without it: it keeps nobody out",
    );
    const NO_HOST: (&str, &str) = (
        "no host is called so: a name has no scheme, no port and no path",
        "write the name alone, as in `laptop-*` or `*.example.com`",
    );
    let has_edge = |name: &str| name.trim() != name;
    let is_no_host = |name: &str| {
        let may_stand = |c: char| c.is_alphanumeric() || "-_.*".contains(c);
        !name.chars().all(may_stand)
    };
    let names = [("users", users), ("groups", groups)].into_iter().flat_map(|(key, list)| {
        let list = list.iter().flatten().enumerate();
        list.map(move |(index, name)| (key, index, has_edge(name.as_str()), EDGE))
    });
    let hosts = hosts.iter().flatten().enumerate();
    let hosts = hosts.map(|(index, host)| ("hosts", index, is_no_host(host.as_str()), NO_HOST));
    for (key, index, _, (why, advice)) in
        names.chain(hosts).filter(|(_, _, is_nobody, _)| *is_nobody)
    {
        let spot = Spot::element(&format!("/applies_to/{key}"), index);
        drafts.add(Lint::AppliesToNobody, spot, why).advise(advice);
    }
}
