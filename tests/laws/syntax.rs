//! What counts as JSON with comments, held against another reader: `jsonc-parser`.

use std::borrow::Cow;
use std::path::Path;

use bedrock_auth::jsonc::{Node, SourceText, Value};
use bedrock_auth::policy::Document;
use jsonc_parser::{JsonValue, ParseOptions, parse_to_value};
use proptest::prelude::*;
use serde_json::{Value as Plain, json};

use crate::strategies::cases;

/// What texts are made of: what structures them, and what stands between.
const STRUCTURE: &[&str] = &["{", "}", "[", "]", ",", ":"];
const OTHERS: &[&str] = &[
    "\"a\"",
    "\"b\"",
    "\"\"",
    "\"a\\\"\"",
    "\"\\u00e4\\/\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\x\"",
    "'a'",
    "\"",
    "0",
    "-1",
    "1.5e-7",
    "01",
    "1.",
    "+1",
    ".5",
    "-",
    "0x1F",
    "1e",
    "true",
    "false",
    "null",
    "tru",
    "nullx",
    "NaN",
    " ",
    "\n",
    "\t",
    "\r\n",
    "// c\n",
    "/* c */",
    "/*",
    "/",
    "#",
    "ä",
    "\u{1f600}",
    "@",
];

/// Strictly what a policy may be written in.
fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// Numbers stay as they are written.
fn number(written: &str) -> Plain {
    json!({ "number": written })
}

fn ours(node: Node<'_>) -> Plain {
    match node.value() {
        Value::String(text) => json!(text),
        Value::Number(written) => number(written),
        Value::Boolean(boolean) => json!(boolean),
        Value::Null => json!(null),
        Value::List(elements) => elements.map(ours).collect(),
        Value::Object(members) => {
            members.map(|member| (member.name.to_owned(), ours(member.value))).collect()
        }
        Value::Unreadable => panic!("a sound text is readable"),
    }
}

/// None where a string holds a control character as it is: RFC 8259 knows none there, and no escape of these texts means one.
fn theirs(value: JsonValue<'_>) -> Option<Plain> {
    Some(match value {
        JsonValue::String(text) if text.contains(char::is_control) => return None,
        JsonValue::String(text) => json!(text),
        JsonValue::Number(written) => number(written),
        JsonValue::Boolean(boolean) => json!(boolean),
        JsonValue::Null => json!(null),
        JsonValue::Array(elements) => elements.into_iter().map(theirs).collect::<Option<_>>()?,
        JsonValue::Object(members) => {
            let of_member = |(name, value): (Cow<'_, str>, _)| {
                (!name.contains(char::is_control)).then_some(())?;
                Some((name.into_owned(), theirs(value)?))
            };
            members.into_iter().map(of_member).collect::<Option<_>>()?
        }
    })
}

fn assert_read_alike(json: &str) -> Result<(), TestCaseError> {
    let text = SourceText::new(Path::new("policy.json"), json);
    let tree = text.tree();
    let read = parse_to_value(json, &strict()).ok().flatten().and_then(theirs);
    prop_assert_eq!(tree.as_ref().map(|tree| ours(tree.root())), read, "{:?}", json);
    if tree.is_none() {
        let faults = Document::parse(&text).expect_err("what is no JSON is no policy");
        prop_assert!(faults.iter().any(|fault| fault.code.is_malformed()), "{json:?}");
    }
    Ok(())
}

fn part() -> impl Strategy<Value = &'static str> {
    prop_oneof![1 => proptest::sample::select(STRUCTURE), 3 => proptest::sample::select(OTHERS)]
}

/// JSON as other programs write it, cut into characters.
fn sound() -> impl Strategy<Value = Vec<String>> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i32>().prop_map(|value| json!(value)),
        "[ !#-\\[\\]-~äé\u{1f600}]{0,6}".prop_map(|value| json!(value)),
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|list| json!(list)),
            proptest::collection::btree_map("[a-c]{0,2}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    value.prop_map(|value| format!("{value:#}").chars().map(String::from).collect())
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn any_parts_are_read_alike(parts in proptest::collection::vec(part(), 0..14)) {
        assert_read_alike(&parts.concat())?;
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn sound_texts_are_read_alike_whatever_happens_to_them(
        (mut text, at, new, cut) in (sound(), any::<proptest::sample::Index>(), part(), 0_usize..3)
    ) {
        assert_read_alike(&text.concat())?;
        let at = at.index(text.len());
        let end = (at + cut).min(text.len());
        text.splice(at..end, [new.to_owned()]);
        assert_read_alike(&text.concat())?;
    }
}
