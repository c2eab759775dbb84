//! Findings for people: the text around each, underlined.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use bedrock_auth::check::{Finding, Related, Span};
use bedrock_auth::prose::steers_a_terminal;

use super::{Reported, headline, is_error};
use crate::render::{Page, clean, no_command};

/// Nobody reads more; `--format json` has them all.
const MOST_SHOWN: usize = 1_000;
/// Bytes of a line before and behind what is meant: nobody reads more, and lines can be as long as a file.
const LONGEST_AROUND: usize = 400;
/// Two places that are as near are shown as one piece of text.
const NEAR: usize = 2_000;

pub(super) fn text(reported: &Reported, width: usize) -> String {
    let renderer = Renderer::styled().term_width(width);
    let mut text = String::new();
    for finding in reported.report.findings.iter().take(MOST_SHOWN) {
        text.push_str(&renderer.render(&[group(finding, reported)]));
        text.push_str("\n\n");
    }
    let mut last = Page::for_stdout();
    let left_out = reported.report.findings.len().saturating_sub(MOST_SHOWN);
    if left_out > 0 {
        last.note(&format!(
            "{left_out} further findings are not shown: `--format json` has them all"
        ));
    }
    headline(&mut last, &reported.report);
    let text: Vec<_> = text.split('\n').map(no_command).collect();
    text.join("\n") + last.text()
}

fn group<'f>(finding: &'f Finding, reported: &'f Reported) -> Group<'f> {
    let level = if is_error(finding) { Level::ERROR } else { Level::WARNING };
    let title = level.primary_title(&finding.message).id(finding.code.as_str());
    let (beside, elsewhere): (Vec<_>, Vec<_>) =
        finding.related.iter().partition(|related| is_near(finding, related));
    let mut marks = vec![Mark { range: &finding.range, label: None }];
    marks.extend(beside.into_iter().map(Mark::of));
    let mut group = title.elements(shown(&finding.at, &marks, reported));
    for related in elsewhere {
        group = group.elements(shown(&related.at, &[Mark::of(related)], reported));
    }
    match &finding.advice {
        Some(advice) => group.element(Level::HELP.message(advice)),
        None => group,
    }
}

fn is_near(finding: &Finding, related: &Related) -> bool {
    finding.at.file == related.at.file && finding.range.start.abs_diff(related.range.start) < NEAR
}

/// A part of a text; without label it is what the finding is about.
struct Mark<'f> {
    range: &'f Range<usize>,
    label: Option<&'f str>,
}

impl<'f> Mark<'f> {
    fn of(related: &'f Related) -> Self {
        Mark { range: &related.range, label: Some(&related.message) }
    }
}

/// The lines that hold the marks, and no others: a text can be long, and the findings many.
fn shown<'f>(at: &Span, marks: &[Mark<'f>], reported: &'f Reported) -> Vec<Element<'f>> {
    let path = clean(&at.file.display().to_string());
    let text = reported.texts.get(&at.file);
    let (Some(text), Some(place)) = (text, &at.lines) else {
        return vec![Origin::path(path).into()];
    };
    let first = marks.iter().map(|mark| mark.range.start).min().unwrap_or_default();
    let last = marks.iter().map(|mark| mark.range.end).max().unwrap_or_default();
    let line_begin = text[..first].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[last..].find('\n').map_or(text.len(), |at| last + at);
    let begin = text.floor_char_boundary(line_begin.max(first.saturating_sub(LONGEST_AROUND)));
    let end = text.ceil_char_boundary(line_end.min(last + LONGEST_AROUND));
    let first_line = text[..first].matches('\n').count() + 1;
    // Marks move as far as characters in front of them become longer.
    let moved = |offset: usize| harmless(&text[begin..offset]).len();
    let annotations = marks.iter().map(|mark| {
        let kind = match mark.label {
            None => AnnotationKind::Primary,
            Some(_) => AnnotationKind::Context,
        };
        kind.span(moved(mark.range.start)..moved(mark.range.end)).label(mark.label)
    });
    let snippet = Snippet::source(harmless(&text[begin..end])).line_start(first_line);
    let snippet = snippet.annotations(annotations);
    if begin == line_begin {
        return vec![snippet.path(path).into()];
    }
    // Of a line whose beginning is cut off, the column has to be said.
    let (line, column) = (place.line as usize, place.column as usize);
    vec![Origin::path(path).line(line).char_column(column).into(), snippet.into()]
}

/// What steers a terminal, one character for one. Tabs are spaces to the renderer, and line breaks are its own.
fn harmless(text: &str) -> String {
    let is_kept = |character: char| matches!(character, '\n' | '\r' | '\t');
    let shown = |character: char| match steers_a_terminal(character) && !is_kept(character) {
        true => '\u{fffd}',
        false => character,
    };
    text.chars().map(shown).collect()
}
