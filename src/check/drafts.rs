//! Findings on their way: what is wrong, by the keys that lead there. Most texts have none, so nothing is looked up before.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use super::code::{Code, Lint};
use super::finding::{Finding, MOST_RELATED, Related, Span};
use crate::jsonc::{Finder, SoundPart, SourceText, Tree};

/// Which end of a member is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Value,
}

/// A part of one of the texts: a JSON pointer (RFC 6901), or bytes.
#[derive(Debug, Clone)]
pub(super) enum Spot {
    Pointer(String, Part),
    Bytes(Range<usize>),
}

impl Spot {
    pub(super) fn key(pointer: impl Into<String>) -> Self {
        Spot::Pointer(pointer.into(), Part::Key)
    }

    pub(super) fn value(pointer: impl Into<String>) -> Self {
        Spot::Pointer(pointer.into(), Part::Value)
    }

    pub(super) fn element(pointer: &str, index: usize) -> Self {
        Spot::value(format!("{pointer}/{index}"))
    }
}

/// A spot in one of several texts.
type At = (usize, Spot);

pub(super) struct Draft {
    lint: Lint,
    at: At,
    message: String,
    advice: Option<String>,
    related: Vec<(At, String)>,
    /// What else it was concluded from: also that something is missing.
    grounds: Vec<Cow<'static, str>>,
}

impl Draft {
    /// Says what else it was concluded from, by a JSON pointer; nothing need be there.
    pub(super) fn because_of(&mut self, pointer: impl Into<Cow<'static, str>>) -> &mut Self {
        self.grounds.push(pointer.into());
        self
    }

    /// The parts of its text that it would not be true without, by their pointers.
    fn rests_on(&self) -> impl Iterator<Item = &str> {
        let spots = self.related.iter().map(|((_, spot), _)| spot).chain([&self.at.1]);
        let pointers = spots.filter_map(|spot| match spot {
            Spot::Pointer(pointer, _) => Some(pointer.as_str()),
            Spot::Bytes(_) => None,
        });
        pointers.chain(self.grounds.iter().map(AsRef::as_ref))
    }

    pub(super) fn advise(&mut self, advice: impl Into<String>) -> &mut Self {
        self.advice = Some(advice.into());
        self
    }

    pub(super) fn relate(&mut self, spot: Spot, message: impl Into<String>) -> &mut Self {
        self.relate_in(self.at.0, spot, message)
    }

    pub(super) fn relate_in(
        &mut self,
        text: usize,
        spot: Spot,
        message: impl Into<String>,
    ) -> &mut Self {
        if self.related.len() < MOST_RELATED {
            self.related.push(((text, spot), message.into()));
        }
        self
    }
}

#[derive(Default)]
pub(super) struct Drafts(Vec<Draft>);

impl Drafts {
    /// Something about the only text, or the first.
    pub(super) fn add(&mut self, lint: Lint, spot: Spot, message: impl Into<String>) -> &mut Draft {
        self.add_in(0, lint, spot, message)
    }

    /// Something about one of several texts.
    pub(super) fn add_in(
        &mut self,
        text: usize,
        lint: Lint,
        spot: Spot,
        message: impl Into<String>,
    ) -> &mut Draft {
        let draft = Draft {
            lint,
            at: (text, spot),
            message: message.into(),
            advice: None,
            related: Vec::new(),
            grounds: Vec::new(),
        };
        self.0.push(draft);
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    /// The findings, with their places in the texts.
    pub(super) fn place(self, texts: &[&SourceText]) -> Vec<Finding> {
        // Of many texts, few are taken apart.
        let trees: Vec<OnceCell<Option<Tree<'_>>>> =
            texts.iter().map(|_| OnceCell::new()).collect();
        let mut finders: Vec<Option<Finder<'_>>> = texts.iter().map(|_| None).collect();
        self.placed(texts, |text, pointer| {
            let finder = &mut finders[text];
            if finder.is_none() {
                let tree = trees[text].get_or_init(|| texts[text].tree());
                *finder = tree.as_ref().map(Tree::finder);
            }
            finder.as_mut()?.find(pointer)
        })
    }

    /// The findings of a text that has faults, but for those that could be wrong once the faults are mended.
    pub(super) fn place_in_part<T>(
        mut self,
        text: &SourceText,
        part: &SoundPart<'_, T>,
    ) -> Vec<Finding> {
        let mut finder = part.finder();
        let mut is_in_doubt = |pointer: &str| part.is_in_doubt(pointer, &mut finder);
        self.0.retain(|draft| !draft.rests_on().any(&mut is_in_doubt));
        self.placed(&[text], |_, pointer| finder.find(pointer))
    }

    fn placed(
        self,
        texts: &[&SourceText],
        mut find: impl FnMut(usize, &str) -> Option<(Option<Range<usize>>, Range<usize>)>,
    ) -> Vec<Finding> {
        let mut range_of = |(text, spot): &At| match spot {
            Spot::Bytes(range) => range.clone(),
            Spot::Pointer(pointer, part) => match (find(*text, pointer), part) {
                (Some((Some(key), _)), Part::Key) => key,
                (Some((None, value)), Part::Key) | (Some((_, value)), Part::Value) => value,
                (None, _) => 0..0,
            },
        };
        let place = |draft: Draft| {
            let code = Code::Lint(draft.lint);
            let range = range_of(&draft.at);
            let related = draft.related.into_iter().map(|(at, message)| {
                let range = range_of(&at);
                Related { at: Span::of(texts[at.0], &range), message, range }
            });
            Finding {
                code,
                severity: code.severity(),
                message: draft.message,
                advice: draft.advice,
                related: related.collect(),
                at: Span::of(texts[draft.at.0], &range),
                range,
            }
        };
        self.0.into_iter().map(place).collect()
    }
}
