//! Finds the lines of what AWS's parser reports, which gives no positions.
//!
//! It reads a file in the same two steps as `aws-runtime`: sections by the text of their headers first,
//! then sections by name. Whoever uses a position compares the value found here with the parser's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::files::FileKind;

const WHITE_SPACE: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

/// What a section describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SectionKind {
    Profile,
    SsoSession,
    Services,
}

/// The sections of one file by kind and name.
#[derive(Default)]
pub(super) struct Located<'a> {
    sections: BTreeMap<SectionKind, BTreeMap<&'a str, LocatedSection<'a>>>,
}

#[derive(Default)]
pub(super) struct LocatedSection<'a> {
    /// The line of the first header.
    pub(super) header: u32,
    keys: BTreeMap<Cow<'a, str>, LocatedKey<'a>>,
}

/// The definition that counts within one file.
#[derive(Clone)]
pub(super) struct LocatedKey<'a> {
    pub(super) line: u32,
    pub(super) value: Cow<'a, str>,
    /// The lines that go on with the value.
    continued: Vec<u32>,
    /// Another header, spelled differently, opens the same section and gives the key another value.
    /// `aws-runtime` merges such sections in the order of a hash map: by chance.
    pub(super) is_contested: bool,
}

impl<'a> Located<'a> {
    /// The sections of a text that AWS's parser has accepted.
    pub(super) fn in_text(text: &'a str, kind: FileKind) -> Self {
        merge_by_name(read_sections(text), kind)
    }

    pub(super) fn section(&self, kind: SectionKind, name: &str) -> Option<&LocatedSection<'a>> {
        self.sections.get(&kind)?.get(name)
    }
}

impl LocatedKey<'_> {
    /// The line of the last `name = …` below the key, which is the one that counts.
    pub(super) fn line_of_nested(&self, name: &str) -> Option<u32> {
        let lines = std::iter::once(self.line).chain(self.continued.iter().copied());
        let nested = lines.zip(self.value.split('\n')).filter(|(_, text)| {
            text.split_once('=').is_some_and(|(key, _)| key.trim_matches(WHITE_SPACE) == name)
        });
        nested.last().map(|(line, _)| line)
    }
}

impl<'a> LocatedSection<'a> {
    pub(super) fn key(&self, key: &str) -> Option<&LocatedKey<'a>> {
        self.keys.get(key)
    }

    fn merge(&mut self, other: LocatedSection<'a>) {
        for (key, mut new) in other.keys {
            if let Some(old) = self.keys.get(&key) {
                new.is_contested = old.is_contested || old.value != new.value;
            }
            self.keys.insert(key, new);
        }
    }
}

/// Sections in the order of their first headers, by the text between the brackets; a repeated header goes on.
fn read_sections(text: &str) -> Vec<(&str, LocatedSection<'_>)> {
    let mut sections: Vec<(&str, LocatedSection<'_>)> = Vec::new();
    let mut index_of = BTreeMap::new();
    let mut current = None;
    let mut last_key = None;
    for (line_number, line) in (1..).zip(text.lines()) {
        if is_blank(line) || line.starts_with(COMMENT) {
            continue;
        }
        if line.starts_with('[') {
            let header = without_comment(line, false);
            let header = header.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            let Some(header) = header else { continue };
            let index = *index_of.entry(header).or_insert(sections.len());
            if index == sections.len() {
                let section = LocatedSection { header: line_number, ..Default::default() };
                sections.push((header, section));
            }
            (current, last_key) = (Some(index), None);
        } else if let Some(index) = current {
            let keys = &mut sections[index].1.keys;
            if line.starts_with(WHITE_SPACE) {
                if let Some(key) = last_key.as_ref().and_then(|key| keys.get_mut(key)) {
                    let value: &mut String = key.value.to_mut();
                    value.push('\n');
                    value.push_str(line.trim_matches(WHITE_SPACE));
                    key.continued.push(line_number);
                }
            } else if let Some((key, value)) = key_and_value(line) {
                let located = LocatedKey {
                    line: line_number,
                    value: value.into(),
                    continued: Vec::new(),
                    is_contested: false,
                };
                keys.insert(key.clone(), located);
                last_key = Some(key);
            }
        }
    }
    sections
}

fn is_blank(line: &str) -> bool {
    line.trim_matches(WHITE_SPACE).is_empty()
}

fn key_and_value(line: &str) -> Option<(Cow<'_, str>, &str)> {
    let (key, value) = without_comment(line, true).split_once('=')?;
    let key = key.trim_matches(WHITE_SPACE);
    let key = match key.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(key.to_ascii_lowercase()),
        false => Cow::Borrowed(key),
    };
    Some((key, value.trim_matches(WHITE_SPACE)))
}

/// In a key's line a comment begins after white space; in a header's line anywhere.
fn without_comment(line: &str, needs_white_space: bool) -> &str {
    let line = line.trim_matches(WHITE_SPACE);
    let mut after_white_space = false;
    let comment = line.char_indices().find(|&(_, c)| {
        let begins = COMMENT.contains(&c) && (after_white_space || !needs_white_space);
        after_white_space = c.is_whitespace();
        begins
    });
    comment.map_or(line, |(at, _)| &line[..at]).trim_matches(WHITE_SPACE)
}

/// Sections of one name become one, and `[profile default]` replaces `[default]` altogether.
fn merge_by_name<'a>(raw: Vec<(&'a str, LocatedSection<'a>)>, kind: FileKind) -> Located<'a> {
    let named: Vec<_> = raw
        .into_iter()
        .filter_map(|(header, section)| Some((Header::of(header).accepted_in(kind)?, section)))
        .collect();
    let has_prefixed_default = named.iter().any(|(header, _)| *header == Header::PREFIXED_DEFAULT);

    let mut located = Located::default();
    for (header, section) in named {
        if has_prefixed_default && header == Header::BARE_DEFAULT {
            continue;
        }
        let Some((kind, name)) = header.section() else { continue };
        let fresh = || LocatedSection { header: section.header, ..Default::default() };
        located.sections.entry(kind).or_default().entry(name).or_insert_with(fresh).merge(section);
    }
    located
}

/// `[prefix name]` or `[name]`.
#[derive(PartialEq, Eq)]
struct Header<'a> {
    prefix: Option<&'a str>,
    name: &'a str,
}

impl<'a> Header<'a> {
    const BARE_DEFAULT: Header<'static> = Header { prefix: None, name: "default" };
    const PREFIXED_DEFAULT: Header<'static> = Header { prefix: Some("profile"), name: "default" };

    fn of(text: &'a str) -> Self {
        let text = text.trim_matches(WHITE_SPACE);
        match text.split_once(WHITE_SPACE) {
            Some((prefix, name)) => Header { prefix: Some(prefix.trim()), name: name.trim() },
            None => Header { prefix: None, name: text.trim() },
        }
    }

    /// Config files want a prefix before every name but `default`; credentials files want none.
    fn accepted_in(self, kind: FileKind) -> Option<Self> {
        let has_its_form = match kind {
            FileKind::Config => self.prefix.is_some() || self == Header::BARE_DEFAULT,
            FileKind::Credentials => self.prefix.is_none(),
        };
        (has_its_form && is_identifier(self.name)).then_some(self)
    }

    fn section(&self) -> Option<(SectionKind, &'a str)> {
        match self.prefix {
            None | Some("profile") => Some((SectionKind::Profile, self.name)),
            Some("sso-session") => Some((SectionKind::SsoSession, self.name)),
            Some("services") => Some((SectionKind::Services, self.name)),
            Some(_) => None,
        }
    }
}

fn is_identifier(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c))
}
