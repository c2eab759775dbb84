//! Names of AWS: regions, partitions, accounts.

use crate::check::asked::Asked;
use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::check::lists::role_arns;
use crate::policy::{ArnPattern, Document, NamePattern, matches_segment};
use crate::regions;
use crate::words::nearest;

pub(super) fn names(document: &Document, drafts: &mut Drafts) {
    for (index, pattern) in document.regions.iter().flat_map(|list| list.iter()).enumerate() {
        region(pattern, || Spot::element("/regions", index), drafts);
    }
    for (index, endpoint) in document.endpoints.iter().flat_map(|list| list.iter()).enumerate() {
        if let Some(name) = endpoint.aws_region().filter(|name| !name.contains('*')) {
            region_name(name, || Spot::element("/endpoints", index), drafts);
        }
    }
    if let Some(settings) = &document.settings {
        for (key, values) in [("locked", &settings.locked), ("recommended", &settings.recommended)]
        {
            let Some(values) = values else { continue };
            let asked = Asked::of_managed(values);
            if let Some(region) = asked.region {
                let spot = || Spot::value(format!("/settings/{key}/region"));
                region_name(region, spot, drafts);
            }
            if let Some(region) = asked.region_of_endpoint() {
                let spot = || Spot::value(format!("/settings/{key}/endpoint_url"));
                region_name(&region, spot, drafts);
            }
        }
    }
    let Some(methods) = document.methods.as_deref() else { return };
    for (method, list) in role_arns(methods) {
        for (index, pattern) in list.iter().enumerate() {
            let spot = || Spot::element(&format!("/methods/{method}/role_arns"), index);
            arn(pattern, spot, drafts);
        }
    }
}

fn region(pattern: &NamePattern, spot: impl Fn() -> Spot, drafts: &mut Drafts) {
    let name = pattern.as_str();
    if !name.contains('*') {
        return region_name(name, spot, drafts);
    }
    let mut meant = regions::regions_like(|region| pattern.matches(region)).peekable();
    let is_known = meant.peek().is_some();
    judge(name, is_known, meant.any(regions::serves_bedrock), spot, drafts);
}

/// A region that stands for itself.
pub(in crate::check) fn region_name(name: &str, spot: impl Fn() -> Spot, drafts: &mut Drafts) {
    judge(name, regions::is_region(name), regions::serves_bedrock(name), spot, drafts);
}

fn judge(
    name: &str,
    is_known: bool,
    has_bedrock: bool,
    spot: impl Fn() -> Spot,
    drafts: &mut Drafts,
) {
    if !is_known {
        let message = format!("AWS has no region of this name ({})", regions::AS_OF);
        drafts.add(Lint::UnknownRegion, spot(), message).advise(advice_on(name));
    } else if !has_bedrock {
        let message = format!("Bedrock is not in this region ({})", regions::AS_OF);
        drafts
            .add(Lint::RegionWithoutBedrock, spot(), message)
            .advise("name a region in which Bedrock is; if it came there after this program was made, all is well");
    }
}

/// A table can be old, but no region of any age has other characters.
fn advice_on(name: &str) -> String {
    let begins = |region: &str| region.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    if !name.is_empty() && regions::regions_like(begins).next().is_some() {
        return format!("a region is written as a whole; `{name}-*` matches all that begin so");
    }
    let near = nearest(name.trim(), regions::regions_like(|_| true));
    let may_be_new =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*".contains(&byte);
    match (near, name.bytes().all(may_be_new)) {
        (Some(near), true) => {
            format!("did you mean `{near}`? if it is newer than this program, all is well")
        }
        (None, true) => {
            "a region is written as in `eu-west-1`; if it is newer than this program, all is well"
                .to_owned()
        }
        (Some(near), false) => {
            format!("regions have small letters, digits and `-`: did you mean `{near}`?")
        }
        (None, false) => "regions have small letters, digits and `-`, as in `eu-west-1`".to_owned(),
    }
}

fn arn(pattern: &ArnPattern, spot: impl Fn() -> Spot, drafts: &mut Drafts) {
    let Some([_, partition, _, _, account, _]) = pattern.parts() else { return };
    let is_known = |known: &regions::Partition| matches_segment(partition, known.id);
    if !regions::partitions().iter().any(is_known) {
        drafts
            .add(
                Lint::UnknownPartition,
                spot(),
                format!("AWS has no such partition ({})", regions::AS_OF),
            )
            .advise("most write `aws`; `aws-cn` is China, `aws-us-gov` is GovCloud");
    }
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if !account.contains('*') && !is_account {
        drafts
            .add(Lint::InvalidAccount, spot(), "the account in this ARN is not twelve digits")
            .advise("write all twelve digits, leading zeros too, or `*`");
    }
}
