//! The way from tokens to values, which goes on behind a fault: whoever mends a text wants to see all of them at once.

use std::ops::Range;

use super::faults::Faults;
use super::tokens::{Bracket, Token, Tokens, UNKNOWN};
use super::tree::{Entry, Kind, Tree, count_of, meant};
use super::{Finding, FindingCode, SourceText};
use crate::words::did_you_mean;

/// Lists and objects inside each other that are read; more would exhaust the stack of who goes through them.
const MOST_LEVELS: usize = 512;
/// Bytes for a value or a key, with room to spare.
const USUAL_ENTRY: usize = 12;

/// What became of a text.
pub(super) struct Parsed<'t> {
    /// None where there is no value, or more than one way to read what is there.
    pub(super) tree: Option<Tree<'t>>,
    /// Faults of syntax, about in the order of the text.
    pub(super) faults: Vec<Finding>,
}

pub(super) fn parse(text: &SourceText) -> Parsed<'_> {
    if !text.is_plain()
        && let Some(at) = text.as_str().find('\0')
    {
        let message = "the text holds a NUL character".to_owned();
        let finding = Finding::new(FindingCode::NulCharacter, message, text, at..at + 1);
        return Parsed { tree: None, faults: vec![finding] };
    }
    let mut parser = Parser {
        tokens: Tokens::of(text),
        entries: Vec::with_capacity(text.as_str().len() / USUAL_ENTRY + 1),
        open: Vec::new(),
        next: Next::Root,
        last: 0,
        faults: Faults::of(text),
    };
    while !parser.has_ended() {
        let count = parser.faults.count();
        let Some((token, span)) = parser.tokens.next(&mut parser.faults) else { break };
        let end = span.end;
        parser.handle(token, span);
        parser.last = end;
        parser.faults.token_handled(count);
    }
    parser.finish()
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The value that holds all others.
    Root,
    /// A key, or the end of an object.
    Key,
    /// The colon behind a key.
    Colon,
    /// The value behind a colon.
    Value,
    /// An element, or the end of a list.
    Element,
    /// A comma, or the end of what is open.
    Comma,
    /// Nothing: the root is closed.
    AfterRoot,
    /// Nobody knows what it belongs to; only what is no token is still told.
    Lost,
    /// Nothing more is read.
    Stopped,
}

/// A list or an object that is not closed yet.
#[derive(Clone, Copy)]
struct Open {
    bracket: Bracket,
    /// Which entry it is.
    at: usize,
}

struct Parser<'t> {
    tokens: Tokens<'t>,
    entries: Vec<Entry>,
    /// Lists and objects that are not closed yet.
    open: Vec<Open>,
    next: Next,
    /// Where the last token that was handled ends.
    last: usize,
    faults: Faults<'t>,
}

impl<'t> Parser<'t> {
    fn has_ended(&self) -> bool {
        self.next == Next::Stopped || self.faults.is_full()
    }

    fn handle(&mut self, token: Token, span: Range<usize>) {
        if self.next == Next::AfterRoot {
            let advice = "put everything into one object, and look for a bracket before this that is one too many";
            self.faults.unexpected("the text goes on behind the end of its value", span, advice);
            // Behind a bracket that is too many stands the rest of the same text.
            let is_rest = matches!(token, Token::Comma | Token::Close(_));
            return self.stop(if is_rest { Next::Lost } else { Next::Stopped });
        }
        match token {
            Token::Word if self.next == Next::Lost => {
                let advice = "write keys and strings in double quotes";
                self.faults.unexpected(UNKNOWN, span, advice);
            }
            _ if self.next == Next::Lost => {}
            Token::Comma => self.comma(span),
            Token::Colon => self.colon(span),
            Token::Open(bracket) => self.open(bracket, span),
            Token::Close(bracket) => self.close(bracket, span),
            Token::Value(kind) => self.key_or_value(kind, span),
            Token::Word => self.word(span),
        }
    }

    /// From here on nothing is taken for a part of the tree.
    fn stop(&mut self, next: Next) {
        self.next = next;
        self.faults.text_is_ambiguous();
    }

    /// A key or a value begins, so that a missing colon or comma is told. Gives whether a comma is missing.
    fn begin(&mut self) -> bool {
        let behind_last = self.last..self.last;
        match self.next {
            Next::Colon => {
                let advice = "write `:` between a key and its value";
                self.faults.unexpected("a colon is missing here", behind_last, advice);
                self.faults.text_is_ambiguous();
                self.next = Next::Value;
                false
            }
            Next::Comma => {
                let advice = "write `,` between two values";
                let is_told =
                    self.faults.unexpected("a comma is missing here", behind_last, advice);
                self.expect_another();
                if self.next == Next::Element {
                    // Two strings could be meant as one.
                    self.faults.text_is_ambiguous();
                    if is_told {
                        self.faults.resynchronize();
                    }
                }
                true
            }
            _ => false,
        }
    }

    fn key_or_value(&mut self, kind: Kind, span: Range<usize>) {
        let lacks_comma = self.begin();
        match (self.next, kind) {
            (Next::Key, Kind::String(name)) => {
                self.add(Kind::Key(name), span);
                self.next = Next::Colon;
                if self.tokens.eat(b':') {
                    self.faults.resynchronize();
                    self.next = Next::Value;
                } else if lacks_comma {
                    // It could be no key, but belong to the value before it.
                    self.faults.text_is_ambiguous();
                }
            }
            (Next::Key, kind) => self.no_key(kind != Kind::Unreadable, span),
            (_, kind) => {
                self.add(kind, span);
                self.value_ends();
                self.eat_comma();
            }
        }
    }

    fn no_key(&mut self, tell: bool, span: Range<usize>) {
        if tell {
            let advice = "write the key in double quotes, then a colon and the value";
            self.faults.unexpected("a key is expected here", span.clone(), advice);
        }
        self.faults.text_is_ambiguous();
        self.add(Kind::Unreadable, span);
        self.next = Next::Colon;
    }

    fn word(&mut self, span: Range<usize>) {
        self.begin();
        let word = &self.faults.text().as_str()[span.clone()];
        if self.next == Next::Key {
            let advice = "write double quotes around it";
            self.faults.unexpected("this key stands without quotes", span.clone(), advice);
            let name = meant(&mut self.tokens.meant, word.into());
            self.add(Kind::Key(name), span);
            self.next = Next::Colon;
            return;
        }
        let advice = did_you_mean(word, ["true", "false", "null"], || {
            "write strings in double quotes".to_owned()
        });
        self.faults.unexpected(UNKNOWN, span.clone(), &advice);
        self.add(Kind::Unreadable, span);
        self.value_ends();
    }

    fn add(&mut self, kind: Kind, span: Range<usize>) {
        self.entries.push(Entry {
            kind,
            start: span.start,
            end: span.end,
            size: 1,
            line: self.tokens.line,
        });
    }

    fn open(&mut self, bracket: Bracket, span: Range<usize>) {
        self.begin();
        if self.next == Next::Key {
            self.no_key(true, span.clone());
        }
        if self.open.len() == MOST_LEVELS {
            let message =
                format!("only {MOST_LEVELS} lists and objects inside each other are read");
            let text = self.faults.text();
            self.faults.add(Finding::new(FindingCode::TooDeep, message, text, span));
            return self.stop(Next::Stopped);
        }
        self.open.push(Open { bracket, at: self.entries.len() });
        self.expect_another();
        self.add(if bracket == Bracket::Curly { Kind::Object } else { Kind::List }, span);
    }

    /// What may come behind a value.
    fn value_ends(&mut self) {
        self.next = if self.open.is_empty() { Next::AfterRoot } else { Next::Comma };
    }

    fn expect_another(&mut self) {
        let in_object = self.open.last().is_some_and(|open| open.bracket == Bracket::Curly);
        self.next = if in_object { Next::Key } else { Next::Element };
    }

    /// A key without a value.
    fn end_member(&mut self, span: &Range<usize>) {
        if matches!(self.next, Next::Colon | Next::Value) {
            let advice = "write a colon and a value behind the key, or leave the key out";
            self.faults.unexpected("a value is missing before this", span.clone(), advice);
            self.add(Kind::Unreadable, span.start..span.start);
            self.value_ends();
        }
    }

    fn comma(&mut self, span: Range<usize>) {
        self.end_member(&span);
        if self.next != Next::Comma {
            let advice = "leave it out, or write what is missing before it";
            self.faults.unexpected("this comma stands behind nothing", span.clone(), advice);
            // Something could be missing there.
            match self.next {
                Next::Element => self.add(Kind::Unreadable, span.start..span.start),
                _ => self.faults.text_is_ambiguous(),
            }
            return;
        }
        self.expect_another();
    }

    fn colon(&mut self, span: Range<usize>) {
        if self.next != Next::Colon {
            let advice = "a colon stands between a key and its value, and nowhere else";
            self.faults.unexpected("no colon is expected here", span, advice);
            self.faults.text_is_ambiguous();
            return;
        }
        self.next = Next::Value;
    }

    fn close(&mut self, bracket: Bracket, span: Range<usize>) {
        self.end_member(&span);
        let Some(open) = self.open.last() else {
            self.faults.unexpected("this closes nothing", span, "leave it out");
            return self.stop(Next::Lost);
        };
        if open.bracket == bracket {
            return self.close_last(span.end);
        }
        let message = format!("`{}` is expected here, or before this", closing(open.bracket));
        let begin = self.entries[open.at].line.number + 1;
        let advice = format!("what begins on line {begin} is still open");
        self.faults.unexpected(&message, span, &advice);
        self.stop(Next::Lost);
    }

    fn close_last(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let size = count_of(self.entries.len() - open.at);
        let entry = &mut self.entries[open.at];
        entry.size = size;
        entry.end = end;
        self.value_ends();
        self.eat_comma();
    }

    /// The comma that stands right behind most values.
    fn eat_comma(&mut self) {
        if self.next == Next::Comma && self.tokens.eat(b',') {
            self.faults.resynchronize();
            self.expect_another();
        }
    }

    fn finish(mut self) -> Parsed<'t> {
        let may_tell = !matches!(self.next, Next::Lost | Next::Stopped) && !self.faults.is_full();
        // Behind a quote that is missing, say, brackets are taken for a string.
        if may_tell && self.faults.is_certain() {
            for Open { bracket, at } in std::mem::take(&mut self.open) {
                let entry = &self.entries[at];
                let advice = format!("write `{}` at its end", closing(bracket));
                self.faults.syntax("this is never closed", entry.start..entry.end, &advice);
                self.faults.text_is_ambiguous();
            }
            if self.next == Next::Root && self.faults.count() == 0 {
                let message = "the text holds no value, only comments or white space".to_owned();
                let text = self.faults.text();
                self.faults.add(Finding::new(FindingCode::NoValue, message, text, 0..0));
            }
        }
        let text = self.faults.text();
        let tree = self.faults.is_certain().then_some((self.entries, self.tokens.meant));
        let tree = tree.and_then(|(entries, meant)| Tree::new(text, entries, meant));
        if tree.is_none() && self.faults.count() == 0 {
            // That would be a bug; it must not pass for a text without faults.
            self.faults.syntax("this text cannot be read", 0..0, "report this as a bug");
        }
        Parsed { tree, faults: self.faults.found() }
    }
}

fn closing(bracket: Bracket) -> char {
    match bracket {
        Bracket::Square => ']',
        Bracket::Curly => '}',
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn gaps() -> impl Strategy<Value = Vec<&'static str>> {
        let gap = prop_oneof![
            4 => Just(""),
            2 => Just(" "),
            4 => Just("\n  "),
            1 => Just(" // a\n"),
            1 => Just("/* a\n\n b */ "),
            1 => Just("\n\n// a\n //\n"),
        ];
        prop::collection::vec(gap, 1..20)
    }

    proptest! {
        #[test]
        fn keys_and_values_know_their_lines(gaps in gaps(), odd in prop_oneof![Just(""), Just("ä"), Just("\r\n\t")]) {
            let mut gaps = gaps.iter().cycle();
            let parts = ["", "{", "\"a\"", ":", "[", "1", ",", "{", "\"b\"", ":", "\"c\"", "}", ",", "]", "}"];
            let mut text: String = parts.iter().flat_map(|part| [*part, gaps.next().unwrap()]).collect();
            text.push_str(&format!("/*{odd}*/"));
            let text = SourceText::new(Path::new("f"), text);
            let tree = parse(&text).tree.unwrap();
            let keys = tree.root().objects().flat_map(|members| members.map(|member| member.key));
            let nodes: Vec<_> = tree.values().chain(keys).collect();
            prop_assert_eq!(nodes.len(), 7);
            for node in nodes {
                let expected = text.position(node.span().start);
                prop_assert_eq!(node.position(), expected);
                prop_assert_eq!(node.entry().line.number + 1, expected.line);
            }
        }
    }

    /// What is wrong, as `column: message`, and whether there is but one way to read the text.
    fn told(json: &str) -> (Vec<String>, bool) {
        let text = SourceText::new(Path::new("f"), json);
        let Parsed { tree, faults } = parse(&text);
        let told = faults.iter().map(|fault| {
            let marked = &json[fault.span.clone()];
            format!("{} `{marked}`: {}", text.position(fault.span.start).column, fault.message)
        });
        (told.collect(), tree.is_some())
    }

    fn faults(json: &str) -> Vec<String> {
        told(json).0
    }

    #[test]
    fn what_is_json_with_comments_has_no_faults() {
        for text in [
            "{}",
            " [ ] // a",
            "/* a */ { \"a\": [1, -0.5e+7, true, false, null, \"\\u00e4\\n\",], // b\n \"b\": {}, }\n",
            "\"\"",
            "0",
        ] {
            assert_eq!(told(text), (vec![], true), "{text}");
        }
    }

    #[test]
    fn every_fault_of_its_own_is_told() {
        assert_eq!(
            faults("{ 'a': 01, \"b\": tru, \"c\" \"d\": 1, e: [1,, 2 3], \"f\": }"),
            [
                "3 `'a'`: this string stands in single quotes",
                "8 `01`: this is no number that JSON knows",
                "17 `tru`: this is nothing that JSON knows",
                "25 ``: a colon is missing here",
                "40 `,`: this comma stands behind nothing",
                "43 ``: a comma is missing here",
                "53 `}`: a value is missing before this",
            ]
        );
        // What belongs to what is not known behind the first bracket; what is no token is.
        assert_eq!(
            faults("{ \"a\": [1 }, \"b\": 'x', \"c\": \"\\x\" }"),
            [
                "11 `}`: `]` is expected here, or before this",
                "19 `'x'`: this string stands in single quotes",
                "30 `\\x`: this is no escape that JSON knows"
            ]
        );
        // What most likely follows from a fault is none of its own.
        assert_eq!(faults("[a b c d, 1]"), ["2 `a`: this is nothing that JSON knows"]);
    }

    #[test]
    fn what_stands_for_something_else_is_advised_of() {
        let advice = |json: &str| -> Vec<String> {
            let text = SourceText::new(Path::new("f"), json);
            parse(&text).faults.into_iter().filter_map(|fault| fault.advice).collect()
        };
        assert_eq!(advice("{ \"a\" = 1 }")[0], "write `:` between a key and its value");
        assert_eq!(advice("[1; 2]")[0], "write `,` between two members or elements");
        let merge = "{\n<<<<<<< a\n\"a\": 1\n=======\n\"a\": 2\n>>>>>>> 8ff075a (b/c)\n}";
        assert_eq!(advice(merge), ["keep one of the two, and remove the marks"; 3]);
        assert_eq!(faults("[<value>]"), ["2 `<value>`: this is nothing that JSON knows"]);
        assert_eq!(faults("[==]"), ["2 `==`: this is nothing that JSON knows"]);
    }

    /// Where there is but one way to read the rest, it is read.
    #[test]
    fn what_can_be_read_all_the_same() {
        for text in [
            "{ 'a': 1 }",
            "{ a: 1 }",
            "{ \"a\": 1 \"b\": 2 }",
            "{ \"a\": tru, \"b\": +1, \"c\": \"\\x\", \"d\": \"\t\" }",
            "[1,,2]",
            "[,]",
            "\u{a0}{}",
            "{ \"a\": }",
        ] {
            let (faults, is_readable) = told(text);
            assert!(!faults.is_empty() && is_readable, "{text}: {faults:?}");
        }
    }

    #[test]
    fn what_could_be_read_in_more_than_one_way() {
        for (text, fault) in [
            ("[\"a\" \"b\"]", "5 ``: a comma is missing here"),
            ("{ \"a\" 1 }", "6 ``: a colon is missing here"),
            ("{ \"a\": 1; \"b\": 2 }", "9 `;`: this is nothing that JSON knows"),
            ("{ \"a\": [1 }", "11 `}`: `]` is expected here, or before this"),
            ("{ \"a\": \"b, \"c\": 1 }", "13 ``: a comma is missing here"),
            ("{ \"a\": \"b, c\n }", "8 `\"b, c`: the closing quote of this string is missing"),
            ("{,}", "2 `,`: this comma stands behind nothing"),
            ("{} # no comment", "4 `# no comment`: this is no comment"),
            ("{ 1: 2 }", "3 `1`: a key is expected here"),
            ("{ [1]: 2 }", "3 `[`: a key is expected here"),
            ("[1: 2]", "3 `:`: no colon is expected here"),
            ("]", "1 `]`: this closes nothing"),
            ("{} {}", "4 `{`: the text goes on behind the end of its value"),
            ("[1] /* a", "5 `/*`: this comment is never closed"),
            ("{ \"a\": [", "1 `{`: this is never closed"),
        ] {
            let (faults, is_readable) = told(text);
            assert_eq!(faults.first().map(String::as_str), Some(fault), "{text}");
            assert!(!is_readable, "{text}");
        }
    }

    #[test]
    fn all_that_is_not_closed_is_told() {
        assert_eq!(
            faults("{ \"a\": [{ \"b\": 1"),
            [
                "1 `{`: this is never closed",
                "8 `[`: this is never closed",
                "9 `{`: this is never closed"
            ]
        );
    }

    #[test]
    fn escapes() {
        for (text, marked) in [
            (r#"["\\ \x \n"]"#, r"6 `\x`"),
            (r#"["a\u12G4"]"#, r"4 `\u12`"),
            (r#"["ä\ä"]"#, r"4 `\ä`"),
            (r#"["\ud800 "]"#, r"3 `\ud800`"),
            (r#"["\udc00\ud83d\ude00"]"#, r"3 `\udc00`"),
            (r#"["\u12\n34"]"#, r"3 `\u12`"),
            (r#"["\ud83d\ud83d\ude00"]"#, r"3 `\ud83d`"),
            (r#"["\"#, r#"2 `"\`"#),
        ] {
            assert!(faults(text)[0].starts_with(marked), "{text}: {:?}", faults(text));
        }
        assert_eq!(faults(r#"["\a \b \\ \uDC00 \" \é"]"#).len(), 3);
    }

    /// Two programs could read two texts.
    #[test]
    fn characters_that_json_knows_nowhere() {
        for (text, at) in [
            ("[\"\t\"]", "3"),
            ("[\u{c}1]", "2"),
            ("{}\u{a0}", "3"),
            ("\u{2028}{}", "1"),
            ("{ // a\r\"b\": 1 }", "7"),
            ("{ /* a\r*/ }", "7"),
            ("[1,\r2]", "4"),
        ] {
            let faults = faults(text);
            let stands_there = faults[0].starts_with(&format!("{at} `"));
            assert!(stands_there && faults.len() == 1, "{text:?}: {faults:?}");
        }
        for text in [
            "{\t\"a\": \"\u{a0}\u{2028}\\t\" } // \u{b}\u{a0}\t\r\n/* \u{c}\n\t */ ",
            "[\"\\\\\",\t1, \"\\\"\"]\t\r\n",
        ] {
            assert_eq!(told(text), (vec![], true), "{text:?}");
        }
    }

    /// Texts with so many faults are not read to their end.
    #[test]
    fn faults_without_end() {
        for text in ["@, 1, ", "\u{a0}", "\r", "\"\u{1}\", ", "'ä', ", "[", "{"] {
            let text = "[".to_owned() + &text.repeat(1 << 14);
            let text = SourceText::new(Path::new("f"), text);
            let Parsed { tree, faults } = parse(&text);
            assert!(tree.is_none() && (1..=100).contains(&faults.len()));
            let more = faults.get(99).and_then(|fault| fault.advice.as_deref());
            assert!(more.is_none_or(|advice| advice.ends_with("there is more behind it")));
        }
        let controls = format!("[\"{}\"]", "\u{1}\\x".repeat(1 << 14));
        assert_eq!(faults(&controls).len(), 100);
    }
}
