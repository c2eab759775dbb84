//! What is different about an answer, for people.

use std::collections::BTreeSet;

use super::Watching;
use crate::policy::SourceReport;
use crate::provenance::Place;
use crate::resolve::Resolution;

use super::Answer;

/// One thing that is different about an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub what: &'static str,
    /// How it was; none where it was not there.
    pub before: Option<String>,
    /// How it is; none where it is there no more.
    pub after: Option<String>,
    /// Where it comes from now, or came from.
    pub place: Option<Place>,
}

/// Everything that is different about an answer. Nothing: it was renewed by a secret that is shown nowhere.
pub fn differences(before: &Answer, after: &Answer) -> Vec<Difference> {
    let (old, new) = (&before.resolution, &after.resolution);
    let mut found = Differences(Vec::new());
    found.value("answer", Some(&old.outcome), Some(&new.outcome), None);
    let method = |r: &Resolution| r.allowed().map(|allowed| allowed.auth().method());
    found.value("method", method(old), method(new), place(new, old, |r| r.source.as_ref()));
    let profile = |r: &Resolution| Some(r.allowed()?.auth().profile_name()?.to_owned());
    found.value("profile", profile(old), profile(new), place(new, old, |r| r.source.as_ref()));
    found.value("signs with", old.root, new.root, None);
    found.value("account", old.account, new.account, None);
    let key = |r: &Resolution| r.access_key_id.as_ref().map(|key| key.as_str().to_owned());
    found.value("access key", key(old), key(new), None);
    found.value("expires", old.expires, new.expires, None);
    let regions = [old, new].map(|r| Some(&r.region.value));
    let region_place = place(new, old, |r| r.region.source.as_ref());
    found.value("region", regions[0], regions[1], region_place);
    let endpoints = [old, new].map(|r| r.endpoint.value.as_ref());
    let endpoint_place = place(new, old, |r| r.endpoint.source.as_ref());
    found.value("endpoint", endpoints[0], endpoints[1], endpoint_place);
    found.policies(old, new);
    found.remarks(old, new);
    found.value("watching", Some(shown(&before.watching)), Some(shown(&after.watching)), None);
    found.0
}

struct Differences(Vec<Difference>);

impl Differences {
    fn value<T: ToString>(
        &mut self,
        what: &'static str,
        before: Option<T>,
        after: Option<T>,
        place: Option<Place>,
    ) {
        let [before, after] = [before, after].map(|value| value.map(|value| value.to_string()));
        if before != after {
            self.0.push(Difference { what, before, after, place });
        }
    }

    /// Each managed file whose state or content is another.
    fn policies(&mut self, old: &Resolution, new: &Resolution) {
        let sources = [old, new].map(|r| &r.policy.sources);
        let files: BTreeSet<_> = sources.iter().copied().flatten().map(|s| &s.file).collect();
        for file in files {
            let of = |sources: &[SourceReport]| sources.iter().find(|s| s.file == *file).cloned();
            let [before, after] = sources.map(|sources| of(sources));
            if before == after {
                continue;
            }
            let place = Some(Place::whole_file(file));
            let [before, after] = [before, after].map(|report| report.map(|r| stands(&r)));
            self.0.push(Difference { what: "policy", before, after, place });
        }
    }

    /// Reasons and warnings that came or went.
    fn remarks(&mut self, old: &Resolution, new: &Resolution) {
        let denials = |r: &Resolution| -> BTreeSet<(String, Option<Place>)> {
            r.denials.iter().map(|d| (d.message.clone(), d.forbidden_by.clone())).collect()
        };
        self.sets("denied", denials(old), denials(new));
        let warnings = |r: &Resolution| -> BTreeSet<(String, Option<Place>)> {
            let place = |w: &crate::resolve::Warning| w.source.as_ref().map(|s| s.place.clone());
            r.warnings.iter().map(|w| (w.message.clone(), place(w))).collect()
        };
        self.sets("warning", warnings(old), warnings(new));
    }

    fn sets(
        &mut self,
        what: &'static str,
        before: BTreeSet<(String, Option<Place>)>,
        after: BTreeSet<(String, Option<Place>)>,
    ) {
        for (message, place) in before.difference(&after).cloned() {
            self.0.push(Difference { what, before: Some(message), after: None, place });
        }
        for (message, place) in after.difference(&before).cloned() {
            self.0.push(Difference { what, before: None, after: Some(message), place });
        }
    }
}

/// The place that is responsible now, or was before.
fn place(
    new: &Resolution,
    old: &Resolution,
    source: impl Fn(&Resolution) -> Option<&crate::provenance::Source>,
) -> Option<Place> {
    source(new).or_else(|| source(old)).map(|source| source.place.clone())
}

/// State, name, revision and the beginning of the digest, which tells two contents of one revision apart.
fn stands(report: &SourceReport) -> String {
    let mut text = report.state.to_string();
    if let Some(id) = &report.id {
        text += &format!(" {id}");
    }
    if let Some(revision) = report.revision {
        text += &format!(" revision {revision}");
    }
    if let Some(digest) = report.digest {
        let digest = digest.to_string();
        text +=
            &format!(" ({})", digest.trim_start_matches("sha256:").get(..8).unwrap_or_default());
    }
    if report.last_good.is_some() {
        text += ", last good stays in force";
    }
    text
}

fn shown(watching: &Watching) -> String {
    match watching {
        Watching::Events => "told of changes".to_owned(),
        Watching::Polling { reason } => format!("looking regularly, because {reason}"),
    }
}
