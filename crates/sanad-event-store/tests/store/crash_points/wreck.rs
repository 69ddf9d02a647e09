//! What a crash may leave on a disk: of all that was not made durable, any part.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::recording_disk::{Begun, FileNo, Name, Promised, Step};
use crate::testlog::Dice;

/// A disk as of some step: what is durable, and what is only on its way.
#[derive(Debug, Default)]
pub(crate) struct Wreck {
    files: BTreeMap<FileNo, Content>,
    /// The names that are durable.
    names: BTreeMap<Name, Node>,
    /// The names as the process sees them.
    seen: BTreeMap<Name, Node>,
    /// Changes of names that are not durable, in order.
    changes: Vec<Change>,
    acts: usize,
    pub(crate) promised: Promised,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Folder,
    File(FileNo),
}

/// A name that comes or goes. The two halves of a renaming are one act.
#[derive(Clone, Debug)]
struct Change {
    act: usize,
    name: Name,
    comes: Option<Node>,
}

#[derive(Debug, Default)]
struct Content {
    durable: Vec<u8>,
    pending: Vec<Pending>,
}

#[derive(Debug)]
enum Pending {
    Write(u64, Vec<u8>),
    Truncate(u64),
}

/// What becomes of an act on names.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Fate {
    Done,
    Undone,
    /// A file that was renamed has both names.
    Both,
}

impl Wreck {
    /// The disk after these steps.
    pub(crate) fn after(begun: &Begun, promised: Promised, steps: &[Step]) -> Self {
        let mut wreck = Self { promised, ..Self::default() };
        for folder in &begun.folders {
            let name = folder.file_name().unwrap().to_owned();
            wreck.names.insert((folder.parent().unwrap().to_owned(), name), Node::Folder);
        }
        for (name, file, bytes) in &begun.files {
            wreck.names.insert(name.clone(), Node::File(*file));
            let content = Content { durable: bytes.clone(), pending: Vec::new() };
            wreck.files.insert(*file, content);
        }
        wreck.seen.clone_from(&wreck.names);
        steps.iter().for_each(|step| wreck.take(step));
        wreck
    }

    fn take(&mut self, step: &Step) {
        self.acts += 1;
        match step {
            Step::MakeFolder(name) => self.change(name, Some(Node::Folder)),
            Step::MakeFile(name, file) => {
                self.files.insert(*file, Content::default());
                self.change(name, Some(Node::File(*file)));
            }
            Step::Write { file, offset, bytes } => {
                self.content(*file).pending.push(Pending::Write(*offset, bytes.clone()));
            }
            Step::Truncate { file, length } => {
                self.content(*file).pending.push(Pending::Truncate(*length));
            }
            Step::SyncFile(file) => self.content(*file).settle(),
            Step::Rename { from, to } => {
                let node = self.seen[from];
                self.change(to, Some(node));
                self.change(from, None);
            }
            Step::Remove(name) => self.change(name, None),
            Step::SyncFolder(folder) => self.settle_names(folder),
            Step::Promise(promised) => self.promised = promised.clone(),
        }
    }

    fn content(&mut self, file: FileNo) -> &mut Content {
        self.files.get_mut(&file).expect("a file that was made")
    }

    fn change(&mut self, name: &Name, comes: Option<Node>) {
        let change = Change { act: self.acts, name: name.clone(), comes };
        change.apply(&mut self.seen);
        self.changes.push(change);
    }

    /// Makes durable what changed in a folder. A renaming out of it came somewhere: that is durable too.
    fn settle_names(&mut self, folder: &Path) {
        let here = |change: &Change| change.name.0 == folder;
        let gone = self.changes.iter().filter(|change| here(change) && change.comes.is_none());
        let gone: HashSet<usize> = gone.map(|change| change.act).collect();
        for change in std::mem::take(&mut self.changes) {
            if here(&change) || gone.contains(&change.act) {
                change.apply(&mut self.names);
            } else {
                self.changes.push(change);
            }
        }
    }

    /// Writes one of the states that a crash may leave into the folder `to`.
    pub(crate) fn leave(&self, dice: &mut Dice, to: &Path) {
        let names = self.names_left(dice);
        let mut written: HashMap<FileNo, PathBuf> = HashMap::new();
        let sector = dice.of(&[512, 4096]);
        for ((folder, name), node) in &names {
            let folder = to.join(folder);
            // Where a folder has no name, nobody comes to what is in it.
            if !folder.is_dir() {
                continue;
            }
            let path = folder.join(name);
            match node {
                Node::Folder => fs::create_dir(&path).unwrap(),
                Node::File(file) => match written.get(file) {
                    Some(other) => fs::hard_link(other, &path).unwrap(),
                    None => {
                        fs::write(&path, self.files[file].left(dice, sector)).unwrap();
                        written.insert(*file, path);
                    }
                },
            }
        }
    }

    fn names_left(&self, dice: &mut Dice) -> BTreeMap<Name, Node> {
        let (all, none, prefix) = (dice.percent(20), dice.percent(20), dice.percent(30));
        let cut = dice.place(self.acts + 1);
        let mut fates: HashMap<usize, Fate> = HashMap::new();
        let mut names = self.names.clone();
        for change in &self.changes {
            let fate = *fates.entry(change.act).or_insert_with(|| match () {
                () if all => Fate::Done,
                () if none => Fate::Undone,
                () if prefix && change.act < cut => Fate::Done,
                () if prefix => Fate::Undone,
                () => dice.of(&[Fate::Done, Fate::Undone, Fate::Both]),
            });
            let happens = match fate {
                Fate::Done => true,
                Fate::Undone => false,
                Fate::Both => change.comes.is_some(),
            };
            if happens {
                change.apply(&mut names);
            }
        }
        names
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<Name, Node>) {
        match self.comes {
            Some(node) => drop(names.insert(self.name.clone(), node)),
            None => drop(names.remove(&self.name)),
        }
    }
}

impl Content {
    fn settle(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            match pending {
                Pending::Write(offset, bytes) => put(&mut self.durable, offset, &bytes),
                Pending::Truncate(length) => self.durable.resize(index(length), 0),
            }
        }
    }

    /// The bytes that a crash may leave: of every sector that was on its way all, nothing, or a beginning or an end;
    /// and a length that the file had at some time, whether or not the bytes came.
    fn left(&self, dice: &mut Dice, sector: u64) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let mut lengths = vec![bytes.len()];
        let chance = dice.of(&[0, 10, 50, 90, 100]);
        let torn = dice.of(&[0, 0, 20]);
        for pending in &self.pending {
            match pending {
                Pending::Write(offset, written) => {
                    let end = offset + written.len() as u64;
                    lengths.push(index(end).max(*lengths.last().unwrap()));
                    for (from, to) in sectors(*offset, end, sector) {
                        if !dice.percent(chance) {
                            continue;
                        }
                        let piece = &written[index(from - offset)..index(to - offset)];
                        let middle = dice.place(piece.len());
                        match (dice.percent(torn), dice.percent(70)) {
                            (false, _) => put(&mut bytes, from, piece),
                            (true, true) => put(&mut bytes, from, &piece[..middle]),
                            (true, false) => {
                                put(&mut bytes, from + middle as u64, &piece[middle..]);
                            }
                        }
                    }
                }
                Pending::Truncate(length) => {
                    lengths.push(index(*length));
                    if dice.percent(50) {
                        bytes.resize(index(*length), 0);
                    }
                }
            }
        }
        if dice.percent(60) {
            bytes.resize(dice.of(&lengths), 0);
        }
        bytes
    }
}

/// The parts of `from..to` in one sector each.
fn sectors(from: u64, to: u64, sector: u64) -> impl Iterator<Item = (u64, u64)> {
    let first = from / sector;
    (first..to.div_ceil(sector)).map(move |n| (from.max(n * sector), to.min((n + 1) * sector)))
}

fn put(bytes: &mut Vec<u8>, offset: u64, piece: &[u8]) {
    if piece.is_empty() {
        return;
    }
    let (from, to) = (index(offset), index(offset) + piece.len());
    bytes.resize(bytes.len().max(to), 0);
    bytes[from..to].copy_from_slice(piece);
}

fn index(n: u64) -> usize {
    usize::try_from(n).unwrap()
}
