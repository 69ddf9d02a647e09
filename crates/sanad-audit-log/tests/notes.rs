//! Notes and keys: what is read, what is refused, and what a signature is worth.

use proptest::prelude::*;
use sanad_audit_log::note::{
    CosignerKey, KeyError, KeyKind, KeyName, KeyNameError, MAX_NOTE, MAX_SIGNATURES, Note,
    NoteError, NoteText, SignerKey, VerifierKey,
};

/// The example of C2SP `signed-note`.
const C2SP_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const C2SP_NOTE: &str = "This is an example message.\n\n\
    \u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn name(text: &str) -> KeyName {
    text.parse().unwrap()
}

fn signer(seed: u8) -> SignerKey {
    SignerKey::from_seed(name("ledger.example/pk"), &[seed; 32])
}

fn signed(text: &str, seeds: &[u8]) -> Note {
    let text = NoteText::new(text).unwrap();
    let mut note = signer(seeds[0]).sign(text.clone());
    seeds[1..].iter().for_each(|seed| note.add(signer(*seed).signature(&text)).unwrap());
    note
}

#[test]
fn the_example_of_the_specification_verifies() {
    let key: VerifierKey = C2SP_KEY.parse().unwrap();
    let note = Note::parse(C2SP_NOTE.as_bytes()).unwrap();
    let signatures = note.verify(std::slice::from_ref(&key)).unwrap();
    assert_eq!((signatures.len(), signatures[0].key()), (1, &key));
    assert_eq!(note.to_string(), C2SP_NOTE);
    assert_eq!(key.to_string(), C2SP_KEY);
}

#[test]
fn after_a_rotation_the_new_key_is_enough_and_the_old_one_is_ignored() {
    let note = signed("act\n", &[1, 2]);
    let new = [signer(2).verifier_key()];
    assert_eq!(note.verify(&new).unwrap()[0].key(), &new[0]);
    assert_eq!(note.verify(&[signer(3).verifier_key()]), Err(NoteError::NoKnownKey));
    assert_eq!(note.verify(&[]), Err(NoteError::NoKnownKey));
}

#[test]
fn a_known_keys_signature_that_does_not_hold_rejects_the_note_whatever_others_say() {
    let good = signed("act\n", &[1]);
    let mut note = signed("another act\n", &[2]);
    note.add(good.signatures()[0].clone()).unwrap();
    let (one, two) = (signer(1).verifier_key(), signer(2).verifier_key());
    let bad = NoteError::BadSignature { name: one.name().clone(), id: one.id() };
    assert_eq!(note.verify(&[two.clone(), one]), Err(bad));
    assert!(note.verify(&[two]).is_ok());
}

#[test]
fn the_same_name_or_the_same_id_alone_does_not_make_a_key_known() {
    let note = signed("act\n", &[1]);
    let other_name = SignerKey::from_seed(name("ledger.example/other"), &[1; 32]);
    assert_eq!(note.verify(&[other_name.verifier_key()]), Err(NoteError::NoKnownKey));
}

#[test]
fn a_log_key_and_a_witness_key_of_one_seed_do_not_stand_in_for_each_other() {
    let witness = CosignerKey::from_seed(name("ledger.example/pk"), &[1; 32]);
    assert_ne!(witness.id(), signer(1).id());
    let note = signed("act\n", &[1]);
    assert_eq!(note.verify(&[witness.verifier_key()]), Err(NoteError::NoKnownKey));
}

#[test]
fn private_keys_are_read_as_they_are_written_and_only_as_what_they_are() {
    let (log, witness) = (signer(9), CosignerKey::from_seed(name("w.example"), &[9; 32]));
    let text = log.to_secret_text();
    assert!(text.starts_with("PRIVATE+KEY+ledger.example/pk+"));
    let read: SignerKey = format!("{text}\n").parse().unwrap();
    assert_eq!(read.verifier_key(), log.verifier_key());
    let read: CosignerKey = witness.to_secret_text().parse().unwrap();
    assert_eq!(read.verifier_key(), witness.verifier_key());
    let (found, wanted) = (KeyKind::Ed25519, KeyKind::Cosignature);
    let wrong = KeyError::WrongKind { found, wanted };
    assert_eq!(text.parse::<CosignerKey>().unwrap_err(), wrong);
    assert!(witness.to_secret_text().parse::<SignerKey>().is_err());
}

#[test]
fn nothing_that_is_printed_of_a_private_key_or_its_faults_shows_it() {
    let text = signer(9).to_secret_text();
    let secret = text.rsplit('+').next().unwrap();
    assert!(!format!("{:?}", signer(9)).contains(&secret[4..20]));
    for cut in 0..text.len() {
        if let Err(error) = text[..cut].parse::<SignerKey>() {
            assert!(!format!("{error} {error:?}").contains(&secret[4..20]));
        }
    }
}

#[test]
fn hostile_keys_are_refused_with_the_reason() {
    let key = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    let good = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    assert_eq!(key(""), KeyError::NotAVerifierKey);
    assert_eq!(key("example.com/foo+530d903a"), KeyError::NotAVerifierKey);
    assert_eq!(key(&good.replacen("example.com/foo", "", 1)), KeyError::Name(KeyNameError::Empty));
    let space = KeyError::Name(KeyNameError::Character { character: ' ' });
    assert_eq!(key(&good.replace("/", " ")), space);
    assert_eq!(key(&good.replace("530d903a", "530D903A")), KeyError::BadId);
    assert_eq!(key(&good.replace("530d903a", "+30d903a")), KeyError::BadId);
    assert_eq!(key(&good.replace("530d903a", "530d903")), KeyError::BadId);
    assert!(matches!(key(&good.replace("530d903a", "530d903b")), KeyError::IdMismatch { .. }));
    assert!(matches!(key(&good.replace("/foo", "/fop")), KeyError::IdMismatch { .. }));
    assert_eq!(key(&good.replace("3U2k", "3U2")), KeyError::NotBase64);
    assert_eq!(key(&good.replace("3U2k", "3U2k\n\n")), KeyError::NotBase64);
    assert_eq!(key(&good.replace("3U2k", "")), KeyError::WrongLength { found: 30 });
    assert_eq!(key(&good.replace("+Aeky", "+Beky")), KeyError::UnknownKind { found: 5 });
    assert_eq!(key("a+00000000+"), KeyError::WrongLength { found: 0 });
    // The neutral point, under which a signature of zeros holds over anything.
    let weak = [&[1][..], &[1], &[0; 31]].concat();
    let weak = format!("a+00000000+{}", base64(&weak));
    assert_eq!(key(&weak), KeyError::BadPoint);
    let no_point = [&[1][..], &[2], &[0; 31]].concat();
    assert_eq!(key(&format!("a+00000000+{}", base64(&no_point))), KeyError::BadPoint);
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    Base64::encode_string(bytes)
}

#[test]
fn names_that_could_be_taken_for_something_else_are_refused() {
    for text in ["", "a b", "a+b", "a\u{a0}b", "a\tb", "a\nb", "a\u{3000}b", "a\u{7f}b", "a\u{85}b"]
    {
        assert!(text.parse::<KeyName>().is_err(), "{text:?}");
    }
    for text in ["a", "ledger.example/pk", "oid/1.3.6.1", "دفتر.example"] {
        assert!(text.parse::<KeyName>().is_ok(), "{text:?}");
    }
}

#[test]
fn a_text_with_blank_lines_is_parted_from_the_signatures_at_the_last_one() {
    let text = "Ognuno sta solo\n\n\u{2014} not a signature\n\ned è subito sera.\n";
    let note = signed(text, &[1]);
    let parsed = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(parsed, note);
    assert_eq!(parsed.text().as_str(), text);
    assert!(parsed.verify(&[signer(1).verifier_key()]).is_ok());
}

#[test]
fn hostile_notes_are_refused_with_the_reason() {
    use NoteError::*;
    let refused = |text: &str| Note::parse(text.as_bytes()).unwrap_err();
    let line = "\u{2014} a AAAAAAA=";
    assert_eq!(refused(""), NoLastLineFeed);
    assert_eq!(refused("text"), NoLastLineFeed);
    assert_eq!(refused("text\n"), NoBlankLine);
    assert_eq!(refused("text\n\n"), NoSignature);
    assert_eq!(refused(&format!("text\n{line}\n")), NoBlankLine);
    assert_eq!(refused(&format!("text\n\n{line}")), NoLastLineFeed);
    assert_eq!(refused(&format!("text\n\n{line}\n\n")), NoSignature);
    let tab = ControlCharacter { character: '\t', at: 4 };
    assert_eq!(refused(&format!("text\t\n\n{line}\n")), tab);
    let crlf = ControlCharacter { character: '\r', at: 4 };
    assert_eq!(refused(&format!("text\r\n\r\n{line}\r\n")), crlf);
    let bad_lines = [
        "- a AAAAAAA=",
        "\u{2014}a AAAAAAA=",
        "\u{2014} a",
        "\u{2014} a ",
        "\u{2014}  AAAAAAA=",
        "\u{2014} a  AAAAAAA=",
        "\u{2014} a+b AAAAAAA=",
        "\u{2014} a AAAAAA==",
        "\u{2014} a AAAAAAA",
        "\u{2014} a AAAAAAB=",
        "\u{2014} a AAAAAAA= ",
        "\u{2014} a AAAAAAA= x",
        "\u{2014} a \u{2014}",
        "\u{2014} a\u{a0}b AAAAAAA=",
        "text",
    ];
    for bad in bad_lines {
        let second = refused(&format!("text\n\n{line}\n{bad}\n"));
        assert_eq!(second, BadSignatureLine { line: 2 }, "{bad:?}");
    }
    assert_eq!(Note::parse(b"te\xff\n\n"), Err(NotUtf8 { at: 2 }));
    let long = vec![b'a'; MAX_NOTE + 1];
    assert_eq!(Note::parse(&long), Err(TooLong { found: MAX_NOTE + 1 }));
}

#[test]
fn a_hundred_signatures_are_read_and_one_more_is_not() {
    let lines = |count| format!("text\n\n{}", "\u{2014} a AAAAAAA=\n".repeat(count));
    let note = Note::parse(lines(MAX_SIGNATURES).as_bytes()).unwrap();
    assert_eq!(note.signatures().len(), 100);
    let more = Note::parse(lines(MAX_SIGNATURES + 1).as_bytes());
    assert_eq!(more, Err(NoteError::TooManySignatures));
    let mut note = Note::parse(lines(MAX_SIGNATURES).as_bytes()).unwrap();
    let again = note.signatures()[0].clone();
    assert_eq!(note.add(again), Ok(()));
    let one_more = signer(1).signature(note.text());
    assert_eq!(note.add(one_more), Err(NoteError::TooManySignatures));
}

#[test]
fn signatures_of_unknown_types_and_sizes_are_kept_and_ignored() {
    let large = base64(&[7; 4 + 8 + 2_420]);
    let mut text = signed("act\n", &[1]).to_string();
    text.push_str(&format!("\u{2014} pq.example {large}\n"));
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.to_string(), text);
    assert_eq!(note.verify(&[signer(1).verifier_key()]).unwrap().len(), 1);
}

#[test]
fn a_cosignature_without_a_time_or_cut_short_does_not_hold() {
    let witness = CosignerKey::from_seed(name("w.example"), &[1; 32]);
    let known = [witness.verifier_key()];
    for size in [1, 7, 8, 64, 71, 72, 73] {
        let bytes = [&witness.id().as_bytes()[..], &vec![0; size]].concat();
        let text = format!("act\n\n\u{2014} w.example {}\n", base64(&bytes));
        let note = Note::parse(text.as_bytes()).unwrap();
        assert!(matches!(note.verify(&known), Err(NoteError::BadSignature { .. })), "{size}");
    }
}

#[test]
fn every_flipped_bit_of_a_note_is_refused() {
    let note = signed("ledger.example/pk\n1\n", &[1]).to_string();
    let key = [signer(1).verifier_key()];
    for bit in 0..note.len() * 8 {
        let mut bytes = note.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let verified = Note::parse(&bytes).and_then(|note| note.verify(&key));
        assert!(verified.is_err(), "bit {bit} was flipped and the note was believed");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_note_or_are_refused_and_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        text in "[ab\n\u{2014} =+/]{0,40}\n\n(\u{2014} [a-c]{1,3} [A-Za-z0-9+/]{4,8}={0,2}\n){0,3}",
    ) {
        let _ = Note::parse(&bytes);
        if let Ok(note) = Note::parse(text.as_bytes()) {
            prop_assert_eq!(note.to_string(), text);
            let _ = note.verify(&[signer(1).verifier_key()]);
        }
    }

    #[test]
    fn any_text_is_a_key_or_is_refused_and_never_panics(text in "(PRIVATE\\+KEY\\+)?[a+]{0,4}\\+?[0-9a-f]{7,9}\\+[AQ+/=]{0,48}") {
        let _ = text.parse::<VerifierKey>();
        let _ = text.parse::<SignerKey>();
        let _ = text.parse::<CosignerKey>();
    }
}
