use std::io::{self, Write as _};
use std::ops::ControlFlow;

use bedrock_auth::journal::query::{Column, EventKind, Order, View, search};
use clap::ValueEnum;

use super::audit_filter::{FilterArgs, word};
use super::audit_journal::Journal;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::Page;
use crate::render::{audit, cells, until_nobody_reads};

/// Find records in the audit journal
///
/// The table leaves out notes about the journal itself and checkpoints, unless `--event` asks for them. Exit code 0 also
/// where no record is meant; 1 where there is no journal.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    journal: Journal,

    /// How to print records; `--json` means `--format json`
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Stop after so many records
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,

    /// Begin with the last record
    #[arg(long)]
    newest_first: bool,

    /// The columns of `--format csv`, instead of all
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', value_parser = word::<Column>())]
    columns: Vec<Column>,

    #[command(flatten)]
    filter: FilterArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, as wide as the terminal
    Table,
    /// The lines of the journal, byte for byte
    Json,
    /// Comma-separated values (RFC 4180) with a header
    Csv,
}

type Row = Box<dyn Fn(&View<'_>, &[u8], &mut Vec<u8>) + Sync>;

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let mut filter = args.filter.filter()?;
    let format = if common.json { Format::Json } else { args.format };
    if format != Format::Csv && !args.columns.is_empty() {
        return Err(Failure::usage("only `--format csv` has columns to choose"));
    }
    let snapshot = args.journal.snapshot(common)?;
    if format == Format::Table && filter.events.is_empty() {
        filter.events = vec![EventKind::Credential, EventKind::Policy];
    }
    let columns = if args.columns.is_empty() { Column::ALL } else { &args.columns[..] }.to_vec();
    let mut out = io::BufWriter::with_capacity(1 << 16, anstream_or_raw(format));
    let mut left = args.limit.unwrap_or(u64::MAX);
    let mut found = 0_u64;
    let header = (format == Format::Csv).then(|| cells::header(&columns));
    let row: Row = match format {
        Format::Csv => Box::new(move |record, _, row| cells::write(record, &columns, row)),
        Format::Json => Box::new(|_, line, row| {
            row.extend_from_slice(line);
            row.push(b'\n');
        }),
        Format::Table => Box::new(|record, _, row| {
            row.extend_from_slice(audit::record(Page::for_stdout(), record).text().as_bytes())
        }),
    };
    let order = if args.newest_first { Order::NewestFirst } else { Order::OldestFirst };
    let search_all = || {
        if let Some(header) = &header {
            out.write_all(header)?;
        }
        let damage = search(&snapshot, &filter, order, row, |row| {
            left -= 1;
            found += 1;
            out.write_all(row)?;
            Ok(if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        out.flush()?;
        Ok(damage)
    };
    let Some(damage) = until_nobody_reads(search_all())? else { return Ok(Exit::Fine) };
    audit::damage(&damage).print_to_stderr()?;
    if found == 0 {
        let mut page = Page::for_stderr();
        page.note("no record is meant");
        page.print_to_stderr()?;
    }
    Ok(Exit::Fine)
}

/// Colours are for people.
fn anstream_or_raw(format: Format) -> Box<dyn io::Write> {
    match format {
        Format::Table => Box::new(anstream::stdout()),
        Format::Json | Format::Csv => Box::new(io::stdout()),
    }
}
