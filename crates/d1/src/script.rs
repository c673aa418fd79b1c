//! Running a file of SQL: statement by statement as it is read, all in one transaction.

use std::io::Read;

use cellhouse_cell::Ticket;
use cellhouse_cell::sql::{Stopped, watched};
use rusqlite::limits::Limit;

use crate::execute::{Failed, Run, size_of_database};
use crate::limits::MAX_SQL_BYTES;
use crate::{Control, Database, Error, Output, Statement};

/// Bytes of one statement of a file: a row of the largest size, written in SQL.
const MAX_STATEMENT: usize = 8 << 20;
/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;

/// What a file of SQL did.
#[derive(Debug)]
pub struct Executed {
    /// What each statement gave, without its rows; of the last one with them.
    pub last: Option<Output>,
    /// How many statements ran.
    pub statements: u64,
    /// Rows that they gave or went through.
    pub rows_read: u64,
    /// Rows that they wrote.
    pub rows_written: u64,
    /// When nothing of it can be lost any more.
    pub ticket: Ticket,
}

impl Database {
    /// Runs the statements of a text in one transaction; after an error, which names the line,
    /// nothing of it was done. `BEGIN` and `COMMIT` in it, which dumps of SQLite have, count as
    /// nothing. What they change has to fit into one transaction of a cell. `then` runs after them in the
    /// same transaction. `progress` is told the bytes so far,
    /// and says whether to go on. Blocks, and takes as long as it takes.
    pub fn script(
        &self,
        text: impl Read,
        then: Option<&Statement>,
        mut progress: impl FnMut(u64) -> bool,
    ) -> Result<Executed, Error> {
        let turn = self.inner.turns.wait();
        let mut session = self.inner.cell.session();
        session.begin()?;
        let mut script = Script {
            database: self,
            text,
            splitter: Splitter::default(),
            bytes: 0,
            rows_read: 0,
            rows_written: 0,
            statements: 0,
            last: None,
            line: 0,
        };
        let ran = session.with(|queries| -> Result<(), Failed> {
            set_longest(queries, MAX_STATEMENT)?;
            let size = size_of_database(queries)?;
            let mut run = Run {
                queries: &mut *queries,
                clock: &self.inner.shared.options.clock,
                writes: true,
                last_row_id: 0,
                size,
                bytes: 0,
                measure: false,
            };
            let ran = script
                .run(&mut run, &mut progress)
                .and_then(|()| then.map_or(Ok(()), |then| run.one(then).map(drop)));
            set_longest(queries, MAX_SQL_BYTES)?;
            ran
        });
        ran.map_err(|failed| match failed {
            Failed::Cell(error) => too_large(error, script.line),
            other => other.into(),
        })?;
        let ticket = session.commit();
        let ticket = ticket.map_err(|error| too_large(error, script.line))?;
        let (statements, last) = (script.statements, script.last.take());
        let (rows_read, rows_written) = (script.rows_read, script.rows_written);
        let ticket = self
            .committed(last.iter().cloned().collect(), ticket)
            .ticket;
        self.measure()?;
        drop(turn);
        Ok(Executed {
            last,
            statements,
            rows_read,
            rows_written,
            ticket,
        })
    }
}

/// The whole file is one transaction, which has to fit into memory.
fn too_large(error: cellhouse_cell::Error, line: u64) -> Error {
    let cellhouse_cell::Error::TooLarge { limit, .. } = error else {
        return error.into();
    };
    Error::refused(format!(
        "line {line}: up to here the SQL changes more than {} MiB of the database, the most that one \
         transaction may, and nothing of it was done; split it into several files and run them one after the \
         other",
        limit >> 20
    ))
}

/// Sets how long a statement may be.
fn set_longest(connection: &rusqlite::Connection, bytes: usize) -> rusqlite::Result<()> {
    let bytes = i32::try_from(bytes).unwrap_or(i32::MAX);
    connection
        .set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, bytes)
        .map(drop)
}

struct Script<'a, R> {
    database: &'a Database,
    text: R,
    splitter: Splitter,
    bytes: u64,
    statements: u64,
    rows_read: u64,
    rows_written: u64,
    last: Option<Output>,
    /// Where the present statement begins.
    line: u64,
}

impl<R: Read> Script<'_, R> {
    fn run(
        &mut self,
        run: &mut Run<'_, '_>,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(), Failed> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = self.text.read(&mut chunk);
            let read = read.map_err(|e| Error::refused(format!("the file cannot be read: {e}")))?;
            self.splitter.push(&chunk[..read]);
            self.bytes += read as u64;
            while let Some((line, statement)) = self.splitter.next(read == 0)? {
                self.one(run, line, &statement)?;
            }
            if !progress(self.bytes) {
                return Err(Failed::Stopped(Stopped::Unwanted));
            }
            if read == 0 {
                return Ok(());
            }
        }
    }

    fn one(&mut self, run: &mut Run<'_, '_>, line: u64, sql: &str) -> Result<(), Failed> {
        if matches!(Control::parse(sql), Some(Control::Begin | Control::Commit)) {
            return Ok(());
        }
        run.bytes = 0;
        self.line = line;
        let time = self.database.inner.shared.options.query_time;
        let watch = self.database.watch(time, None);
        let (output, stopped) = watched(watch, || run.one(&Statement::new(sql)));
        let output = match stopped {
            Some(stopped) => Err(Failed::Stopped(stopped)),
            None => output,
        };
        let output = output.map_err(|failed| {
            let error = Error::from(failed);
            Failed::Error(Error::refused(format!("line {line}: {error}")))
        })?;
        self.statements += 1;
        self.rows_read += output.meta.rows_read;
        self.rows_written += output.meta.rows_written;
        self.last = Some(output);
        Ok(())
    }
}

/// Cuts a text into statements while it comes. A statement ends with a semicolon that is not in a
/// string, a name, a comment, or the body of a trigger.
#[derive(Debug, Default)]
pub struct Splitter {
    text: Vec<u8>,
    /// How far it was looked at.
    at: usize,
    within: Within,
    trigger: Trigger,
    /// The line on which the text begins, less one.
    line: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Within {
    #[default]
    Nothing,
    /// A string or a name, up to this byte.
    Quotes(u8),
    LineComment,
    BlockComment,
}

/// Where in `CREATE TRIGGER ... ; END;` it is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Trigger {
    /// At the first word.
    #[default]
    Start,
    Explain,
    Create,
    /// Behind `CREATE TEMP`.
    Temporary,
    Not,
    Body,
    /// Behind a semicolon of the body.
    Semicolon,
    /// Behind `; END`.
    End,
}

impl Splitter {
    /// More of the text.
    pub fn push(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// The next whole statement, with the line on which it begins; what is left when there is
    /// nothing more to come. Statements without anything in them are left out.
    pub fn next(&mut self, all: bool) -> Result<Option<(u64, String)>, Error> {
        loop {
            let Some(end) = self.end(all) else {
                return Ok(None);
            };
            let rest = self.text.split_off(end);
            let statement = std::mem::replace(&mut self.text, rest);
            let line = self.line + 1 + lines(&statement[..start(&statement)]);
            self.line += lines(&statement);
            (self.at, self.within, self.trigger) = (0, Within::Nothing, Trigger::Start);
            let statement = String::from_utf8(statement)
                .map_err(|_| Error::refused(format!("line {line}: the text is not UTF-8")))?;
            let bare = crate::execute::after_spaces(&statement);
            if !bare.is_empty() && bare != ";" {
                return Ok(Some((line, statement.trim().to_owned())));
            }
            if self.text.is_empty() {
                return Ok(None);
            }
        }
    }

    /// Where the statement ends, if its end has come.
    fn end(&mut self, all: bool) -> Option<usize> {
        while self.at < self.text.len() {
            let byte = self.text[self.at];
            let next = self.text.get(self.at + 1).copied();
            if next.is_none() && !all && matches!(byte, b'-' | b'/' | b'*') {
                return None;
            }
            match self.within {
                Within::Quotes(end) if byte == end => self.within = Within::Nothing,
                Within::LineComment if byte == b'\n' => self.within = Within::Nothing,
                Within::BlockComment if byte == b'*' && next == Some(b'/') => {
                    self.within = Within::Nothing;
                    self.at += 1;
                }
                Within::Nothing => match self.outside(byte, next, all) {
                    Step::On => {}
                    Step::Wait => return None,
                    Step::Ends => return Some(self.at + 1),
                },
                _ => {}
            }
            self.at += 1;
        }
        (all && !self.text.is_empty()).then_some(self.text.len())
    }

    fn outside(&mut self, byte: u8, next: Option<u8>, all: bool) -> Step {
        match byte {
            b'\'' | b'"' | b'`' => self.begin(Within::Quotes(byte)),
            b'[' => self.begin(Within::Quotes(b']')),
            b'-' if next == Some(b'-') => self.within = Within::LineComment,
            b'/' if next == Some(b'*') => {
                self.within = Within::BlockComment;
                self.at += 1;
            }
            b';' => match self.trigger {
                Trigger::Body | Trigger::Semicolon => self.trigger = Trigger::Semicolon,
                _ => return Step::Ends,
            },
            _ if is_word(byte) => return self.word(all),
            _ if !byte.is_ascii_whitespace() => self.trigger = self.trigger.other(),
            _ => {}
        }
        Step::On
    }

    fn begin(&mut self, within: Within) {
        self.within = within;
        self.trigger = self.trigger.other();
    }

    fn word(&mut self, all: bool) -> Step {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|byte| !is_word(*byte));
        if length.is_none() && !all {
            return Step::Wait;
        }
        let length = length.unwrap_or(rest.len());
        self.trigger = self.trigger.word(&rest[..length]);
        self.at += length - 1;
        Step::On
    }
}

enum Step {
    On,
    Wait,
    Ends,
}

impl Trigger {
    fn word(self, word: &[u8]) -> Trigger {
        let is = |known: &str| word.eq_ignore_ascii_case(known.as_bytes());
        match self {
            Trigger::Start if is("explain") => Trigger::Explain,
            Trigger::Start | Trigger::Explain if is("create") => Trigger::Create,
            Trigger::Explain if is("query") || is("plan") => Trigger::Explain,
            Trigger::Create if is("temp") || is("temporary") => Trigger::Temporary,
            Trigger::Create | Trigger::Temporary if is("trigger") => Trigger::Body,
            Trigger::Semicolon if is("end") => Trigger::End,
            other => other.other(),
        }
    }

    /// Behind anything else.
    fn other(self) -> Trigger {
        match self {
            Trigger::Body | Trigger::Semicolon | Trigger::End => Trigger::Body,
            _ => Trigger::Not,
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn lines(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Where the spaces at the beginning end.
fn start(text: &[u8]) -> usize {
    text.iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, step: usize) -> Vec<(u64, String)> {
        let mut splitter = Splitter::default();
        let mut out = Vec::new();
        for chunk in text.as_bytes().chunks(step) {
            splitter.push(chunk);
            while let Some(one) = splitter.next(false).unwrap() {
                out.push(one);
            }
        }
        while let Some(one) = splitter.next(true).unwrap() {
            out.push(one);
        }
        out
    }

    #[test]
    fn statements_are_cut_where_sqlite_cuts_them() {
        let trigger = "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; \
                       INSERT INTO t VALUES ('; end;'); END;";
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" ; ;\n", &[]),
            ("a; b", &["a;", "b"]),
            (
                "a ';' \"x;\" `;` [;]; -- c;\nd /* ; */ ;",
                &["a ';' \"x;\" `;` [;];", "-- c;\nd /* ; */ ;"],
            ),
            ("it''s; 'it''s;';", &["it''s;", "'it''s;';"]),
            (trigger, &[trigger]),
            (
                "create table trigger_x (a);b;",
                &["create table trigger_x (a);", "b;"],
            ),
            ("-- only this", &[]),
        ];
        for (text, expected) in cases {
            for step in [1, 2, 7, 1000] {
                let found = split(text, step);
                let found: Vec<_> = found.iter().map(|(_, sql)| sql.as_str()).collect();
                assert_eq!(&found, expected, "{text:?} in steps of {step}");
            }
        }
    }

    #[test]
    fn lines_are_counted() {
        let found = split("a;\n\nb\n;\nc", 1000);
        let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 5]);
    }
}
