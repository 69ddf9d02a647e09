//! A log that is large enough for three levels of tiles.

use std::fs;

use sanad_publication::{
    FolderSource, Mirror, Publication, PublicationError, PublicationScan, ScanItem,
};

use crate::testbed::{Testbed, files_of, keys};

fn told(bed: &Testbed) -> Vec<String> {
    let publication = bed.publication();
    let (checkpoint, identity) =
        (publication.checkpoint().unwrap(), publication.identity().unwrap());
    let mut told = Vec::new();
    PublicationScan::new(&publication, checkpoint.claimed(), &identity).run(&mut |item| {
        if let ScanItem::Finding(finding) = item {
            let sequence = finding.sequence.map_or("-".to_owned(), |it| it.to_string());
            told.push(format!("{} {sequence} {}", finding.cause.code(), finding.file));
        }
    });
    told
}

#[test]
fn seventy_thousand_entries_are_published_scanned_proved_and_mirrored() {
    const SIZE: u64 = 70_000;
    let bed = Testbed::of(SIZE);
    bed.publish(65_536).unwrap();
    bed.publish(SIZE).unwrap();
    assert_eq!(told(&bed), [""; 0]);
    let mirror = bed.home().join("mirror");
    let (keys, source) = (keys(), Publication::new(FolderSource::new(&bed.published())));
    let mut mirrored = Mirror::open(&mirror).unwrap();
    mirrored.update(&source, &|opened| opened.verify(&keys), &mut |_, _| {}).unwrap();
    assert_eq!(files_of(&mirror, SIZE), files_of(&bed.published(), SIZE));
    let checkpoint = source.checkpoint().unwrap();
    for index in [0, 65_535, 65_536, SIZE - 1] {
        source.prove_record(checkpoint.claimed(), index).unwrap();
    }
    for (file, at, finding) in [
        ("tile/1/000", 7, "tile_differs 1792 tile/1/000"),
        ("tile/1/001.p/17", 3, "tile_differs 66304 tile/1/001.p/17"),
        ("tile/2/000.p/1", 0, "tile_differs 0 tile/2/000.p/1"),
        ("tile/0/100", 9, "tile_differs 25609 tile/0/100"),
    ] {
        let path = bed.published().join(file);
        let bytes = fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        changed[at * 32] ^= 1;
        fs::write(&path, changed).unwrap();
        // Where a tile above the leaves is wrong, what it says of those below is not looked at.
        assert_eq!(told(&bed), [finding]);
        fs::write(&path, bytes).unwrap();
    }
    fs::remove_file(bed.published().join("tile/1/000")).unwrap();
    assert_eq!(told(&bed), ["missing_tile 0 tile/1/000"]);
    let error = source.prove_record(checkpoint.claimed(), 5).unwrap_err();
    assert!(matches!(error, PublicationError::Missing { .. }), "{error}");
}
