//! A stream of acts, line by line, in constant memory.

use std::io::{BufRead, Read};

use sanad_core::Act;

use super::MAX_LINE_LEN;
use super::error::{ExchangeError, Fault};
use super::parse::{at_line, parse_act};
use crate::calendar::Calendar;

/// An act and the line it stood in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActLine {
    /// The line, counted from 1.
    pub line: u64,
    /// The act.
    pub act: Act,
}

/// Reads acts from JSON Lines. Blank lines are skipped; after a bad line the next one can be read.
///
/// ```
/// use sanad::{Calendar, exchange::ActReader};
/// let file = "\n{\"actor\":\"mof\",\"events\":[]}\n{\"actor\":";
/// let mut acts = ActReader::new(file.as_bytes(), Calendar::new("UTC")?);
/// assert_eq!(acts.next().unwrap()?.line, 2);
/// assert_eq!(acts.next().unwrap().unwrap_err().place.line, 3);
/// assert!(acts.next().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ActReader<R> {
    input: R,
    calendar: Calendar,
    line: u64,
    buffer: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> ActReader<R> {
    /// Reads from a stream; dates are read in the calendar.
    pub fn new(input: R, calendar: Calendar) -> Self {
        Self { input, calendar, line: 0, buffer: Vec::new(), ended: false }
    }

    /// Reads the next line into the buffer; `false` at the end.
    fn fill(&mut self) -> Result<bool, Fault> {
        self.buffer.clear();
        let limit = u64::try_from(MAX_LINE_LEN).unwrap_or(u64::MAX).saturating_add(1);
        let mut bounded = self.input.by_ref().take(limit);
        let length = bounded.read_until(b'\n', &mut self.buffer).map_err(Fault::Read)?;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        } else if self.buffer.len() > MAX_LINE_LEN {
            self.skip_line()?;
            return Err(Fault::TooLong);
        }
        Ok(length > 0)
    }

    fn skip_line(&mut self) -> Result<(), Fault> {
        loop {
            let rest = match self.input.fill_buf() {
                Ok(rest) => rest,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Fault::Read(error)),
            };
            let end = rest.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(rest.len(), |end| end + 1);
            self.input.consume(length);
            if end.is_some() || length == 0 {
                return Ok(());
            }
        }
    }

    fn parse(&self) -> Option<Result<Act, ExchangeError>> {
        let mut bytes = self.buffer.as_slice();
        if self.line == 1 {
            // Some editors begin a UTF-8 file with a byte order mark.
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        match str::from_utf8(bytes) {
            Ok(text) if text.trim().is_empty() => None,
            Ok(text) => Some(parse_act(text, self.line, &self.calendar)),
            Err(error) => {
                let mut refused = at_line(self.line, Fault::NotUtf8);
                refused.place.column = Some(error.valid_up_to() + 1);
                Some(Err(refused))
            }
        }
    }
}

impl<R: BufRead> Iterator for ActReader<R> {
    type Item = Result<ActLine, ExchangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            self.line += 1;
            match self.fill() {
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(fault) => {
                    self.ended = matches!(fault, Fault::Read(_));
                    return Some(Err(at_line(self.line, fault)));
                }
            }
            if let Some(parsed) = self.parse() {
                let line = self.line;
                return Some(parsed.map(|act| ActLine { line, act }));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACT: &str = r#"{"actor":"mof","events":[]}"#;

    fn read(input: &[u8]) -> Vec<(u64, &'static str)> {
        let reader = ActReader::new(input, Calendar::new("UTC").unwrap());
        reader
            .map(|item| match item {
                Ok(read) => (read.line, "act"),
                Err(error) => (error.place.line, error.code()),
            })
            .collect()
    }

    #[test]
    fn lines_are_counted_over_blank_ones_and_any_line_ending() {
        let input = format!("\u{feff}{ACT}\r\n\n   \n{ACT}");
        assert_eq!(read(input.as_bytes()), [(1, "act"), (4, "act")]);
        assert_eq!(read(b""), []);
    }

    #[test]
    fn a_bad_line_does_not_hide_the_ones_behind_it() {
        let long = " ".repeat(MAX_LINE_LEN) + ACT;
        let mut input = format!("{{\n{long}\n").into_bytes();
        input.extend_from_slice(b"\xff\n");
        input.extend_from_slice(ACT.as_bytes());
        assert_eq!(
            read(&input),
            [(1, "malformed_json"), (2, "line_too_long"), (3, "not_utf8"), (4, "act")]
        );
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
        let fits = " ".repeat(MAX_LINE_LEN - ACT.len()) + ACT;
        assert_eq!(read(fits.as_bytes()), [(1, "act")]);
        assert_eq!(read(format!("{fits}\n{ACT}").as_bytes()), [(1, "act"), (2, "act")]);
        assert_eq!(read(format!(" {fits}").as_bytes()), [(1, "line_too_long")]);
    }

    #[test]
    fn a_stream_that_breaks_is_said_once() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("the cable is out"))
            }
        }
        let calendar = Calendar::new("UTC").unwrap();
        let mut reader = ActReader::new(std::io::BufReader::new(Broken), calendar);
        let error = reader.next().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "line 1: cannot read on: the cable is out");
        assert!(reader.next().is_none());
    }
}
