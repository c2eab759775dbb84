//! Whatever stands in a text and wherever its comments stand, formatting says the same, and says it once.

use std::fmt::Write;
use std::path::Path;

use bedrock_auth::jsonc::{FormatError, SourceText, format};
use jsonc_parser::{ParseOptions, parse_to_serde_value};
use proptest::prelude::*;
use serde_json::Value;

fn formatted(text: &str) -> Result<String, FormatError> {
    format(&SourceText::new(Path::new("policy.json"), text))
}

fn value_of(text: &str) -> Value {
    parse_to_serde_value::<Option<Value>>(text, &ParseOptions::default())
        .unwrap()
        .unwrap_or_default()
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~äß漢/*\\\\\"\n\t\r\u{1b}\u{202e}]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let key = "[a-z_$ä/*\"-]{1,12}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// White space and comments, as they could stand between any two tokens. `#` becomes the number of the
/// comment, between marks that no value has.
fn gaps() -> impl Strategy<Value = Vec<&'static str>> {
    let gap = prop_oneof![
        6 => Just(""),
        3 => Just(" "),
        3 => Just("\n"),
        1 => Just("\r\n"),
        1 => Just("\n\n\n\t"),
        1 => Just("// #\n"),
        1 => Just(" //#  \r\n"),
        1 => Just("\n// # \u{1b}[31m\t\"x\": 1,\n// # ü\n"),
        1 => Just("/*#*/"),
        1 => Just(" /* #\n   * more\n */ "),
        1 => Just("\n/* # */\n"),
        1 => Just(" // #\n/* # */"),
        1 => Just("/* # */ // #\n// #\n"),
    ];
    prop::collection::vec(gap, 1..60)
}

/// Writes a value with the gaps in turn between its tokens.
struct Scribe<'a> {
    text: String,
    gaps: std::iter::Cycle<std::slice::Iter<'a, &'static str>>,
    comments: usize,
    trailing_commas: bool,
}

impl Scribe<'_> {
    fn gap(&mut self) {
        for piece in self.gaps.next().unwrap().split_inclusive('#') {
            match piece.strip_suffix('#') {
                Some(before) => {
                    let _ = write!(self.text, "{before}‹{}›", self.comments);
                    self.comments += 1;
                }
                None => self.text.push_str(piece),
            }
        }
    }

    fn token(&mut self, token: &str) {
        self.gap();
        self.text.push_str(token);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Array(elements) => {
                self.token("[");
                for (i, element) in elements.iter().enumerate() {
                    self.value(element);
                    self.comma(i + 1 == elements.len());
                }
                self.token("]");
            }
            Value::Object(members) => {
                self.token("{");
                for (i, (key, member)) in members.iter().enumerate() {
                    self.token(&Value::from(key.as_str()).to_string());
                    self.token(":");
                    self.value(member);
                    self.comma(i + 1 == members.len());
                }
                self.token("}");
            }
            leaf => self.token(&leaf.to_string()),
        }
    }

    fn comma(&mut self, last: bool) {
        if !last || self.trailing_commas {
            self.token(",");
        }
    }
}

fn written(value: &Value, gaps: &[&'static str], trailing_commas: bool) -> (String, usize) {
    let gaps = gaps.iter().cycle();
    let mut scribe = Scribe { text: String::new(), gaps, comments: 0, trailing_commas };
    scribe.value(value);
    scribe.gap();
    (scribe.text, scribe.comments)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn formatting_says_the_same_and_keeps_every_comment_in_its_order(
        value in values(), gaps in gaps(), trailing_commas in any::<bool>(),
    ) {
        let (text, comments) = written(&value, &gaps, trailing_commas);
        let once = formatted(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(value_of(&once), value);
        let numbers = once.split('‹').filter_map(|rest| rest.split_once('›')?.0.parse().ok());
        let numbers: Vec<usize> = numbers.collect();
        prop_assert_eq!(numbers, (0..comments).collect::<Vec<_>>(), "{}\n{}", text, once);
        prop_assert!(once.ends_with('\n') && !once.contains('\r'), "{:?}", once);
        prop_assert_eq!(formatted(&once), Ok(once.clone()));
    }

    #[test]
    fn any_text_is_formatted_or_left_alone(text in "[\\[\\]{}:,\"/*a-c1\n\r\t ä\0\u{1b}-]{0,60}") {
        if let Ok(once) = formatted(&text) {
            prop_assert_eq!(formatted(&once), Ok(once.clone()), "{:?}", text);
        }
    }
}
