//! One verdict on a policy of twenty rules, beside cedar-policy and regorus.

mod cedar;
mod ours;
mod rego;
mod request;

use std::hint::black_box;

use cedar::Cedar;
use rounds::{Contestant, Target, compare};

const CEDAR_RULES: &str = include_str!("rules.cedar");
const CEDAR_COMPACT: &str = include_str!("compact.cedar");
const REGO_RULES: &str = include_str!("rules.rego");
const REGO_COMPACT: &str = include_str!("compact.rego");

fn main() {
    agree();
    let policy = ours::policy();
    let [rules, compact] = [CEDAR_RULES, CEDAR_COMPACT].map(Cedar::new);
    for (name, request) in request::measured() {
        let ours = ours::Question::new(&request);
        let cedar = cedar::question(&request);
        let input = rego::input(&request);
        let mut engine = rego::engine(REGO_RULES);
        let mut machine = rego::machine(REGO_RULES);
        let mut compact_machine = rego::machine(REGO_COMPACT);
        let contestants = vec![
            Contestant::new("ours", || {
                black_box(ours.objections(black_box(&policy)));
            }),
            Contestant::new("cedar-policy", || {
                black_box(rules.answer(black_box(&cedar)));
            }),
            Contestant::new("cedar-policy without reasons", || {
                black_box(compact.answer(black_box(&cedar)));
            }),
            Contestant::new("regorus interpreter", || {
                black_box(rego::allows(&mut engine, black_box(&input)));
            }),
            Contestant::new("regorus bytecode", || {
                black_box(rego::machine_allows(&mut machine, black_box(&input)));
            }),
            Contestant::new("regorus bytecode without reasons", || {
                black_box(rego::machine_allows(&mut compact_machine, black_box(&input)));
            }),
        ];
        compare(&format!("verdict, {name}"), Target::FasterBy(10.0), contestants);
    }
}

/// Everybody answers every request alike, and for as many reasons, or nothing is measured.
fn agree() {
    let policy = ours::policy();
    let [rules, compact] = [CEDAR_RULES, CEDAR_COMPACT].map(Cedar::new);
    let mut engine = rego::engine(REGO_RULES);
    let [mut machine, mut compact_machine] = [REGO_RULES, REGO_COMPACT].map(rego::machine);
    let requests = request::checked();
    let mut allowed = 0;
    for request in &requests {
        let objections = ours::Question::new(request).objections(&policy);
        let question = cedar::question(request);
        let input = rego::input(request);
        assert_eq!(cedar::objections(&rules.answer(&question)), objections, "{request:?}");
        assert_eq!(rego::objections(&mut engine, &input), objections, "{request:?}");
        let answers = [
            rules.allows(&question),
            compact.allows(&question),
            rego::allows(&mut engine, &input),
            rego::machine_allows(&mut machine, &input),
            rego::machine_allows(&mut compact_machine, &input),
        ];
        assert_eq!(answers, [objections == 0; 5], "{request:?}");
        allowed += usize::from(objections == 0);
    }
    println!("verdict: all agree on {} requests, {allowed} of them allowed", requests.len());
}
