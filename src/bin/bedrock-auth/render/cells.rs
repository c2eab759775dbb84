//! Records as comma-separated values.

use bedrock_auth::journal::query::{Column, View};
use bedrock_auth::prose::Harmless;
use csv::{Terminator, WriterBuilder};

/// The first row.
pub(crate) fn header(columns: &[Column]) -> Vec<u8> {
    let mut row = Vec::new();
    write_row(columns.iter().map(|column| column.as_str().to_owned()), &mut row);
    row
}

/// The row of a record: one line of text, as control characters are escaped.
pub(crate) fn write(record: &View<'_>, columns: &[Column], row: &mut Vec<u8>) {
    write_row(columns.iter().map(|column| harmless(&column.cell(record))), row);
}

fn write_row(cells: impl Iterator<Item = String>, row: &mut Vec<u8>) {
    let mut builder = WriterBuilder::new();
    let mut writer = builder.terminator(Terminator::CRLF).buffer_capacity(1 << 10).from_writer(row);
    // Memory takes it, and nothing is left to be written when it goes.
    let _ = writer.write_record(cells.map(String::into_bytes));
    let _ = writer.flush();
}

/// Spreadsheets take a cell for a formula that begins with one of these, and run it; behind an apostrophe it is text.
fn harmless(cell: &str) -> String {
    const BEGIN_A_FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let cell = Harmless(cell).to_string();
    if cell.starts_with(BEGIN_A_FORMULA) { format!("'{cell}") } else { cell }
}
