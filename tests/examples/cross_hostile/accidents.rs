//! Damages at random: bytes changed, cut, repeated, moved.

use sanad_event_store::SEGMENT_HEADER;

use crate::Court;
use crate::dice::Dice;
use crate::log_files::LogFiles;

const ACCIDENTS: u64 = 400;

fn damage(files: &mut LogFiles, dice: &mut Dice) {
    let segment = dice.index(files.segments.len());
    let (bytes, records) = files.segment(segment);
    if records.is_empty() {
        return; // An accident before left nothing to be damaged here.
    }
    let (one, other) = (dice.index(bytes.len()), dice.index(bytes.len()));
    let (from, to) = (one.min(other), one.max(other));
    let record = records[dice.index(records.len())].clone();
    match dice.below(9) {
        0 | 1 => bytes[one] ^= 1 << dice.below(8),
        2 => bytes[record.start + dice.index(38)] ^= 1 << dice.below(8),
        3 => bytes[from..to.min(from + 200)].fill(0),
        4 => bytes.truncate(one),
        5 => drop(bytes.drain(record)),
        6 => {
            let twice = bytes[record.clone()].to_vec();
            bytes.splice(record.end..record.end, twice);
        }
        7 => {
            let piece: Vec<u8> = bytes.drain(record).collect();
            let at = if one < SEGMENT_HEADER { bytes.len() } else { one.min(bytes.len()) };
            bytes.splice(at..at, piece);
        }
        _ => drop(bytes.drain(from..to.min(from + 100))),
    }
}

pub(crate) fn write(court: &mut Court) {
    let sound = LogFiles::of(1);
    for number in 0..ACCIDENTS {
        let (mut files, mut dice) = (sound.clone(), Dice::new(number));
        for _ in 0..=number % 3 {
            damage(&mut files, &mut dice);
        }
        let name = format!("accident-{number}");
        files.write(&court.folder(&name));
        court.judge(&name);
    }
}
