//! Every filter against the naive one.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use bedrock_auth::audit::{Door, UseOutcome};
use bedrock_auth::auth::{Method, Root};
use bedrock_auth::journal::Layout;
use bedrock_auth::journal::query::{EventKind, Filter, Order, Snapshot, View, search};
use bedrock_auth::policy::DenialCode;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use tempfile::TempDir;

use super::naive;
use crate::support::journal::Generator;

struct World {
    directory: TempDir,
    lines: Vec<(String, Value)>,
}

/// Larger than a block, in segments of which none ends where a block does.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    Generator::new(1).journal(directory.path(), 2_600, 2_500);
    let text = String::from_utf8(Generator::new(1).lines(2_600)).unwrap();
    let lines = text.lines().map(|line| (line.to_owned(), serde_json::from_str(line).unwrap()));
    World { lines: lines.collect(), directory }
});

fn found(filter: &Filter, order: Order) -> Vec<String> {
    let snapshot = Snapshot::of(&Layout::of(WORLD.directory.path())).unwrap();
    let mut found = Vec::new();
    let row = |_: &View<'_>, line: &[u8], row: &mut Vec<u8>| row.extend_from_slice(line);
    let damage = search(&snapshot, filter, order, row, |row| {
        found.push(String::from_utf8(row.to_vec()).unwrap());
        Ok(ControlFlow::Continue(()))
    });
    assert!(damage.unwrap().is_none());
    found
}

/// Texts that stand somewhere in the journal, some where they are not looked for, and some that stand nowhere.
fn texts(pointers: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    let text = any::<prop::sample::Index>().prop_flat_map(move |index| {
        let (_, record) = &WORLD.lines[index.index(WORLD.lines.len())];
        let there = pointers.iter().filter_map(|pointer| record.pointer(pointer));
        let mut texts: Vec<_> = there
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect();
        texts.extend(["ann", "nobody", "", "1000", "\"", "allowed"].map(str::to_owned));
        select(texts)
    });
    prop_oneof![3 => Just(Vec::new()), 1 => vec(text, 1..3)]
}

fn words<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![2 => Just(Vec::new()), 1 => vec(select(all), 1..4)]
}

prop_compose! {
    fn filters()(
        times in (option::weighted(0.3, 0..2_600_usize), option::weighted(0.3, 0..2_600_usize), -1..2_i64),
        (users, hosts, policies, access_keys) in (
            texts(&["/user/name", "/user/uid"]),
            texts(&["/host"]),
            texts(&["/policy/digest", "/policy/sources/0/id"]),
            texts(&["/access_key_id", "/fingerprint"]),
        ),
        (methods, roots, outcomes, doors) in
            (words(Method::ALL), words(Root::ALL), words(UseOutcome::ALL), words(Door::ALL)),
        codes in words(DenialCode::ALL),
        would_deny in prop::bool::weighted(0.2),
        accounts in texts(&["/account"]),
        events in words(EventKind::ALL),
    ) -> Filter {
        // The very moment of a record, and the nanoseconds beside it.
        let time = |index: usize| {
            let time: jiff::Timestamp = WORLD.lines[index].1["time"].as_str().unwrap().parse().unwrap();
            time + jiff::SignedDuration::from_nanos(times.2)
        };
        Filter {
            since: times.0.map(time), until: times.1.map(time),
            users, hosts, methods, roots, outcomes, doors, codes, would_deny, policies, access_keys, events,
            accounts: accounts.iter().filter_map(|account| account.parse().ok()).collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_is_what_the_naive_filter_lets_through(filter in filters()) {
        let naive = WORLD.lines.iter().filter(|(_, record)| naive::matches(&filter, record));
        let mut expected: Vec<_> = naive.map(|(line, _)| line.clone()).collect();
        prop_assert_eq!(&found(&filter, Order::OldestFirst), &expected);
        expected.reverse();
        prop_assert_eq!(found(&filter, Order::NewestFirst), expected);
    }
}

/// Each value of each vocabulary alone, so that none can be wrong behind another.
#[test]
fn each_value_alone() {
    let mut filters = Vec::new();
    let with = |set: &dyn Fn(&mut Filter)| {
        let mut filter = Filter::default();
        set(&mut filter);
        filter
    };
    filters.extend(Method::ALL.iter().map(|it| with(&|filter| filter.methods = vec![*it])));
    filters.extend(Root::ALL.iter().map(|it| with(&|filter| filter.roots = vec![*it])));
    filters.extend(UseOutcome::ALL.iter().map(|it| with(&|filter| filter.outcomes = vec![*it])));
    filters.extend(Door::ALL.iter().map(|it| with(&|filter| filter.doors = vec![*it])));
    filters.extend(EventKind::ALL.iter().map(|it| with(&|filter| filter.events = vec![*it])));
    for would_deny in [false, true] {
        let codes = DenialCode::ALL.iter();
        filters.extend(
            codes.map(|it| {
                with(&|filter| (filter.codes, filter.would_deny) = (vec![*it], would_deny))
            }),
        );
    }
    let user = |name: &str| with(&|filter| filter.users = vec![name.to_owned()]);
    filters.extend(
        [
            "zoë \u{1f600}",
            "a\"b\\c,d\ne\tf",
            "\u{1b}[31mroot\u{202e}",
            "\"method\":\"sso\"",
            "1003",
        ]
        .map(user),
    );
    for filter in filters {
        let found = found(&filter, Order::OldestFirst);
        let naive = WORLD.lines.iter().filter(|(_, record)| naive::matches(&filter, record));
        assert_eq!(found, naive.map(|(line, _)| line.clone()).collect::<Vec<_>>(), "{filter:?}");
        assert!(!found.is_empty(), "nothing to be found: {filter:?}");
    }
}
