//! Names that nobody has, and wildcards where none is one.

use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::check::lists;
use crate::check::never::can_be_a_name;
use crate::policy::{AppliesTo, Document};

const STAR_IN_PATH: &str = "a `*` in the path of a URL stands for itself, and no such URL is used";
const WRITE_PATH: &str = "write the path out: `*` is a wildcard in the host alone";

pub(super) fn forms(document: &Document, drafts: &mut Drafts) {
    if let Some(applies_to) = document.applies_to.as_deref() {
        names(applies_to, drafts);
    }
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

/// Names of people and machines that none has.
fn names(applies_to: &AppliesTo, drafts: &mut Drafts) {
    const EDGE: (&str, &str) = (
        "nobody is called so: white space stands at an end of the name",
        "write the name without it: it keeps nobody out",
    );
    const NO_HOST: (&str, &str) = (
        "no host is called so: a name has no scheme, no port and no path",
        "write the name alone, as in `laptop-*` or `*.example.com`",
    );
    let AppliesTo { users, groups, hosts } = applies_to;
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
