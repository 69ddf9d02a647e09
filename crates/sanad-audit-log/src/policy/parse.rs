//! The policy file, line by line.

use std::collections::HashMap;

use crate::decimal;
use crate::note::{KeyKind, VerifierKey};

use super::error::{PolicyError, PolicyFault};
use super::quorum::{Group, Member, Quorum};
use super::{MAX_POLICY, Policy, PolicyMember};

const LOG: &str = "log VKEY [URL]";
const WITNESS: &str = "witness NAME VKEY [URL]";
const GROUP: &str = "group NAME all|any|NUMBER NAME...";
const QUORUM: &str = "quorum NAME";
/// The name that stands for no cosignature.
const NONE: &[u8] = b"none";

pub(super) fn parse(file: &[u8]) -> Result<Policy, PolicyError> {
    if file.len() > MAX_POLICY {
        return Err(PolicyError { line: 1, fault: PolicyFault::TooLong { found: file.len() } });
    }
    let mut parser = Parser::default();
    let mut number = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        number += 1;
        let read = parser.line(line);
        read.map_err(|fault| PolicyError { line: number, fault })?;
    }
    let quorum =
        parser.quorum.ok_or(PolicyError { line: number.max(1), fault: PolicyFault::NoQuorum })?;
    let quorum = match quorum {
        Some(member) => Quorum::Of { groups: parser.groups, member },
        None => Quorum::None,
    };
    Ok(Policy { logs: parser.logs, witnesses: parser.witnesses, quorum })
}

/// What was read so far. Names are bytes, not text: two that look alike are two.
#[derive(Default)]
struct Parser<'a> {
    logs: Vec<PolicyMember>,
    witnesses: Vec<PolicyMember>,
    groups: Vec<Group>,
    /// Every witness and group by name, and whether it is a member of a group.
    names: HashMap<&'a [u8], (Member, bool)>,
    /// The quorum line, if there was one; in it, nobody is `none`.
    quorum: Option<Option<Member>>,
}

impl<'a> Parser<'a> {
    fn line(&mut self, line: &'a [u8]) -> Result<(), PolicyFault> {
        let line = line.strip_suffix(b"\n").ok_or(PolicyFault::NoLastLineFeed)?;
        if let Some(byte) = line.iter().copied().find(|byte| is_refused(*byte)) {
            return Err(PolicyFault::ControlCharacter { byte });
        }
        let words = line.split(|byte| matches!(byte, b' ' | b'\t'));
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        match words[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", ref rest @ ..] => self.log(rest),
            [b"witness", ref rest @ ..] => self.witness(rest),
            [b"group", ref rest @ ..] => self.group(rest),
            [b"quorum", ref rest @ ..] => self.quorum(rest),
            [word, ..] => Err(PolicyFault::UnknownWord { word: shown(word) }),
        }
    }

    fn log(&mut self, words: &[&[u8]]) -> Result<(), PolicyFault> {
        let (key, url) = match *words {
            [key] => (key, None),
            [key, url] => (key, Some(url)),
            _ => return Err(PolicyFault::WrongForm { form: LOG }),
        };
        let log = member(key, url, KeyKind::Ed25519, &self.logs)?;
        self.logs.push(log);
        Ok(())
    }

    fn witness(&mut self, words: &[&'a [u8]]) -> Result<(), PolicyFault> {
        let (name, key, url) = match *words {
            [name, key] => (name, key, None),
            [name, key, url] => (name, key, Some(url)),
            _ => return Err(PolicyFault::WrongForm { form: WITNESS }),
        };
        let witness = member(key, url, KeyKind::Cosignature, &self.witnesses)?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(witness);
        Ok(())
    }

    fn group(&mut self, words: &[&'a [u8]]) -> Result<(), PolicyFault> {
        let [name, threshold, ref members @ ..] = *words else {
            return Err(PolicyFault::WrongForm { form: GROUP });
        };
        let threshold = match threshold {
            b"any" => 1,
            b"all" => members.len(),
            number => {
                let number = std::str::from_utf8(number).ok().and_then(decimal::parse);
                let number = number.and_then(|number| usize::try_from(number).ok());
                number.ok_or(PolicyFault::BadThreshold)?
            }
        };
        if threshold == 0 || threshold > members.len() {
            return Err(PolicyFault::BadThreshold);
        }
        let members = members.iter().map(|name| self.join(name)).collect::<Result<_, _>>()?;
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group { threshold, members });
        Ok(())
    }

    fn quorum(&mut self, words: &[&[u8]]) -> Result<(), PolicyFault> {
        let [name] = *words else { return Err(PolicyFault::WrongForm { form: QUORUM }) };
        if self.quorum.is_some() {
            return Err(PolicyFault::SecondQuorum);
        }
        let named = self.names.get(name).map(|(member, _)| *member);
        if named.is_none() && name != NONE {
            return Err(PolicyFault::UnknownName { name: shown(name) });
        }
        self.quorum = Some(named);
        Ok(())
    }

    fn define(&mut self, name: &'a [u8], member: Member) -> Result<(), PolicyFault> {
        if name == NONE || self.names.contains_key(name) {
            return Err(PolicyFault::NameTaken { name: shown(name) });
        }
        self.names.insert(name, (member, false));
        Ok(())
    }

    fn join(&mut self, name: &[u8]) -> Result<Member, PolicyFault> {
        match self.names.get_mut(name) {
            None => Err(PolicyFault::UnknownName { name: shown(name) }),
            Some((_, true)) => Err(PolicyFault::MemberTwice { name: shown(name) }),
            Some((member, joined)) => {
                *joined = true;
                Ok(*member)
            }
        }
    }
}

fn member(
    key: &[u8],
    url: Option<&[u8]>,
    wanted: KeyKind,
    earlier: &[PolicyMember],
) -> Result<PolicyMember, PolicyFault> {
    let key: VerifierKey = shown(key).parse()?;
    if key.kind() != wanted {
        return Err(PolicyFault::WrongKind { found: key.kind(), wanted });
    }
    // One key under two names would count twice.
    if earlier.iter().any(|member| member.key.public() == key.public()) {
        return Err(PolicyFault::DuplicateKey);
    }
    Ok(PolicyMember { key, url: url.map(shown) })
}

/// The word as text. What is not UTF-8 becomes U+FFFD, so a key with such a name has another id
/// than it states.
fn shown(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}

const fn is_refused(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f
}
