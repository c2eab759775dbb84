//! `*` stays within its segment, and comparing never panics.

use std::path::Path;

use bedrock_auth::endpoint::Endpoint;
use bedrock_auth::jsonc::{self, FromJson, SourceText, UnknownKeys};
use bedrock_auth::policy::{
    ArnPattern, CommandPattern, EndpointPattern, HostPattern, NamePattern, PrincipalPattern,
    StartUrlPattern,
};
use proptest::prelude::*;

use crate::strategies::cases;

/// A pattern as a policy would hold it.
fn pattern<T: FromJson>(written: &str) -> Option<T> {
    let json = serde_json::to_string(written).unwrap();
    jsonc::read(&SourceText::new(Path::new("policy.json"), json), UnknownKeys::Refuse).ok()
}

/// What a text is made of between its stars and separators.
fn separators(text: &str, of: &str) -> String {
    text.chars().filter(|c| of.contains(*c)).collect()
}

/// Texts of stars, separators and a few letters: those meet often.
fn busy() -> impl Strategy<Value = String> {
    "[ab*:/. ]{0,12}"
}

/// A pattern, and a text that has its form: each star replaced by a run without separators.
fn pattern_and_text(filler: &'static str) -> impl Strategy<Value = (String, String)> {
    let parts = proptest::collection::vec(("[a-c:/.]{0,3}", filler), 1..5);
    parts.prop_map(|parts| {
        let pattern: Vec<_> = parts.iter().map(|(fixed, _)| fixed.as_str()).collect();
        let text: String = parts.iter().map(|(fixed, run)| format!("{fixed}{run}")).collect();
        (pattern.join("*") + "*", text)
    })
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn a_star_crosses_no_part_of_an_arn(written in busy(), text in busy()) {
        let Some(pattern) = pattern::<ArnPattern>(&written) else { return Ok(()) };
        if pattern.matches(&text) {
            prop_assert_eq!(separators(&written, ":/"), separators(&text, ":/"));
        }
    }

    #[test]
    fn a_star_crosses_no_label_of_a_host(written in busy(), text in busy()) {
        let Some(pattern) = pattern::<HostPattern>(&written) else { return Ok(()) };
        if pattern.matches(&text) {
            let dots = separators(&written, ".");
            let is_first_label = dots.is_empty();
            prop_assert!(is_first_label || dots == separators(&text, "."));
        }
    }

    #[test]
    fn a_star_crosses_no_label_of_an_endpoint(
        written in "[a*]{1,3}(\\.[ab*]{1,3}){0,3}",
        host in "[ab]{1,3}(\\.[ab]{1,3}){0,3}",
    ) {
        let Some(pattern) = pattern::<EndpointPattern>(&format!("https://{written}")) else {
            return Ok(());
        };
        if let Ok(endpoint) = Endpoint::parse(&format!("https://{host}"))
            && pattern.matches(&endpoint)
        {
            prop_assert_eq!(separators(&written, "."), separators(&host, "."));
        }
    }

    #[test]
    fn a_star_crosses_no_segment_of_a_command(written in "/[ab*/ ]{0,10}", text in "/[ab/ .]{0,10}") {
        let Some(pattern) = pattern::<CommandPattern>(&written) else { return Ok(()) };
        // A last word `*` takes any further arguments, whatever is in them.
        if pattern.matches(&text) && !written.trim_end().ends_with(" *") {
            let words = |text: &str| {
                text.split_whitespace().map(|word| separators(word, "/")).collect::<Vec<_>>()
            };
            prop_assert_eq!(words(&written), words(&text));
        }
    }

    #[test]
    fn no_star_stands_for_what_a_shell_treats_specially(
        written in prop::sample::select(&["/a/b *", "/a/*", "/a/b --to=*", "/a/b * c", "/*/b *"]),
        run in "[a-z ]{0,3}[^a-z0-9]{1}[a-z ]{0,3}",
    ) {
        const HARMLESS: &str = " /._-+=:,@";
        let pattern = pattern::<CommandPattern>(written).unwrap();
        let command = written.replacen("/*/", "/a/", 1).replace('*', &run);
        prop_assert!(!pattern.matches(&command) || run.chars().all(|c| {
            c.is_ascii_alphanumeric() || HARMLESS.contains(c)
        }) || *written == command, "{} takes {}", written, command);
    }

    #[test]
    fn a_star_stands_for_any_run_without_separators((written, text) in pattern_and_text("[x-zéß]{0,3}")) {
        prop_assert!(pattern::<ArnPattern>(&written).unwrap().matches(&text));
        prop_assert!(pattern::<NamePattern>(&written).unwrap().matches(&text));
    }

    #[test]
    fn a_pattern_without_stars_matches_itself_alone(written in "[a-c:/.]{1,6}", text in "[a-c:/.]{1,6}") {
        prop_assert_eq!(pattern::<ArnPattern>(&written).unwrap().matches(&text), written == text);
        prop_assert_eq!(pattern::<NamePattern>(&written).unwrap().matches(&text), written == text);
    }

    #[test]
    fn any_text_can_be_compared_with_any_pattern(written in any::<String>(), text in any::<String>()) {
        pattern::<ArnPattern>(&written).map(|pattern| pattern.matches(&text));
        pattern::<NamePattern>(&written).map(|pattern| pattern.matches(&text));
        pattern::<HostPattern>(&written).map(|pattern| pattern.matches(&text));
        pattern::<PrincipalPattern>(&written).map(|pattern| pattern.matches(&text));
        pattern::<CommandPattern>(&written).map(|pattern| pattern.matches(&text));
        pattern::<StartUrlPattern>(&format!("https://{written}")).map(|p| StartUrlPattern::any_matches(&[p], &text));
        let pattern = pattern::<EndpointPattern>(&format!("https://{written}"));
        if let (Some(pattern), Ok(endpoint)) = (pattern, Endpoint::parse(&format!("https://{text}"))) {
            pattern.matches(&endpoint);
        }
    }
}
