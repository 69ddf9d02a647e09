//! Proofs of the Merkle tree, against RFC 6962 written down naively and against public vectors.

mod shared;

use proptest::prelude::*;
use sanad_audit_log::tree::{
    ConsistencyProof, Frontier, FrontierError, HashReader, InclusionProof, Node, ProofError,
    ProveError, TreeHash, tree_root,
};
use serde_json::Value;

/// RFC 6962, 2.1, word for word.
mod rfc {
    use super::TreeHash;

    fn k(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    pub(crate) fn mth(d: &[TreeHash]) -> TreeHash {
        match d {
            [] => TreeHash::EMPTY,
            [leaf] => *leaf,
            _ => TreeHash::node(&mth(&d[..k(d.len())]), &mth(&d[k(d.len())..])),
        }
    }

    pub(crate) fn path(m: usize, d: &[TreeHash]) -> Vec<TreeHash> {
        if d.len() == 1 {
            return vec![];
        }
        let (left, right) = d.split_at(k(d.len()));
        let (mut proof, beside) = if m < left.len() {
            (path(m, left), mth(right))
        } else {
            (path(m - left.len(), right), mth(left))
        };
        proof.push(beside);
        proof
    }

    pub(crate) fn subproof(m: usize, d: &[TreeHash], whole: bool) -> Vec<TreeHash> {
        if m == d.len() {
            return if whole { vec![] } else { vec![mth(d)] };
        }
        let (left, right) = d.split_at(k(d.len()));
        let (mut proof, beside) = if m <= left.len() {
            (subproof(m, left, whole), mth(right))
        } else {
            (subproof(m - left.len(), right, false), mth(left))
        };
        proof.push(beside);
        proof
    }
}

fn leaves(size: usize) -> Vec<TreeHash> {
    (0..size).map(|n| TreeHash::leaf(&n.to_le_bytes())).collect()
}

/// A tree of any size whose leaves are all the same, so that a subtree's hash is known at once.
struct Uniform {
    by_height: Vec<TreeHash>,
    reads: usize,
}

impl Uniform {
    fn new() -> Self {
        let mut by_height = vec![TreeHash::leaf(b"again")];
        for height in 0..63 {
            by_height.push(TreeHash::node(&by_height[height], &by_height[height]));
        }
        Self { by_height, reads: 0 }
    }
}

impl HashReader for Uniform {
    type Error = std::convert::Infallible;

    fn read_hash(&mut self, node: Node) -> Result<TreeHash, Self::Error> {
        self.reads += 1;
        Ok(self.by_height[usize::from(node.height)])
    }
}

#[test]
fn a_tree_may_have_as_many_leaves_as_a_proof_can_speak_of_and_no_more() {
    let peaks = [TreeHash::EMPTY; 63];
    let most = i64::MAX as u64;
    assert_eq!(Frontier::from_peaks(most, &peaks).unwrap().size(), most);
    let found = Frontier::from_peaks(most + 1, &peaks[..1]);
    assert_eq!(found, Err(FrontierError::TooLarge { size: most + 1 }));
    assert_eq!(format!("{:?}", TreeHash::EMPTY), format!("TreeHash({})", TreeHash::EMPTY));
}

#[test]
fn a_proof_says_which_sizes_and_which_leaves_it_speaks_of() {
    let leaves: Vec<_> = (0..7u8).map(|n| TreeHash::leaf(&[n])).collect();
    let grown = ConsistencyProof::make(&mut &leaves[..], 3, 7).unwrap();
    assert_eq!((grown.old_size(), grown.new_size()), (3, 7));
    let proof = InclusionProof::make(&mut &leaves[..], 4, 7).unwrap();
    assert_eq!((proof.index(), proof.size()), (4, 7));
    assert_eq!(proof.runs(), [5..6, 6..7, 0..4]);
    let wrong = proof.verify(&leaves[3], &TreeHash::root(&leaves)).unwrap_err();
    assert_eq!((wrong, wrong.code()), (ProofError::RootMismatch, "proof-root-mismatch"));
}

#[test]
fn a_frontier_has_the_root_of_every_size_on_its_way() {
    let leaves = leaves(300);
    let mut frontier = Frontier::new();
    for size in 0..leaves.len() {
        let expected = rfc::mth(&leaves[..size]);
        assert_eq!(frontier.root(), expected, "size {size}");
        assert_eq!(tree_root(&mut &leaves[..], size as u64), Ok(expected), "size {size}");
        let again = Frontier::from_peaks(frontier.size(), frontier.peaks()).unwrap();
        assert_eq!(again, frontier);
        frontier.append(leaves[size]);
    }
    assert_eq!(TreeHash::root(&leaves), rfc::mth(&leaves));
}

#[test]
fn a_frontier_with_another_number_of_hashes_than_its_size_has_is_refused() {
    let wrong = FrontierError::WrongCount { size: 3, expected: 2, found: 1 };
    assert_eq!(Frontier::from_peaks(3, &[TreeHash::EMPTY]), Err(wrong));
    let large = FrontierError::TooLarge { size: 1 << 63 };
    assert_eq!(Frontier::from_peaks(1 << 63, &[TreeHash::EMPTY]), Err(large));
}

#[test]
fn every_inclusion_proof_of_small_trees_is_that_of_the_rfc_and_holds_for_its_leaf_only() {
    let leaves = leaves(40);
    for size in 1..=leaves.len() {
        let tree = &leaves[..size];
        let root = rfc::mth(tree);
        for index in 0..size {
            let proof = InclusionProof::make(&mut &*tree, index as u64, size as u64).unwrap();
            assert_eq!(proof.path(), rfc::path(index, tree), "{index} of {size}");
            let parsed =
                InclusionProof::new(index as u64, size as u64, proof.path().into()).unwrap();
            assert_eq!(parsed.verify(&tree[index], &root), Ok(()));
            let other = TreeHash::leaf(b"another act");
            assert_eq!(parsed.verify(&other, &root), Err(ProofError::RootMismatch));
        }
    }
}

#[test]
fn every_consistency_proof_of_small_trees_is_that_of_the_rfc_and_holds_for_its_roots_only() {
    let leaves = leaves(40);
    let other = TreeHash::leaf(b"another history");
    for new in 1..=leaves.len() {
        let tree = &leaves[..new];
        let new_root = rfc::mth(tree);
        for old in 1..=new {
            let proof = ConsistencyProof::make(&mut &*tree, old as u64, new as u64).unwrap();
            assert_eq!(proof.path(), rfc::subproof(old, tree, true), "{old} to {new}");
            let parsed =
                ConsistencyProof::new(old as u64, new as u64, proof.path().into()).unwrap();
            let old_root = rfc::mth(&tree[..old]);
            assert_eq!(parsed.verify(&old_root, &new_root), Ok(()));
            assert!(parsed.verify(&other, &new_root).is_err());
            assert!(parsed.verify(&old_root, &other).is_err());
        }
    }
}

#[test]
fn every_tree_has_grown_out_of_the_empty_one_and_needs_no_proof_of_it() {
    let leaves = leaves(5);
    let root = rfc::mth(&leaves);
    let proof = ConsistencyProof::make(&mut &leaves[..], 0, 5).unwrap();
    assert!(proof.path().is_empty());
    assert_eq!(proof.verify(&TreeHash::EMPTY, &root), Ok(()));
    assert_eq!(proof.verify(&root, &root), Err(ProofError::OldRootMismatch));
    let nothing = ConsistencyProof::new(0, 0, vec![]).unwrap();
    assert_eq!(nothing.verify(&TreeHash::EMPTY, &TreeHash::EMPTY), Ok(()));
    assert_eq!(nothing.verify(&TreeHash::EMPTY, &root), Err(ProofError::NewRootMismatch));
}

#[test]
fn a_proof_beyond_the_tree_is_neither_made_nor_parsed() {
    let leaves = leaves(3);
    let mut reader = &leaves[..];
    assert_eq!(InclusionProof::make(&mut reader, 3, 3), Err(ProveError::OutOfRange));
    assert_eq!(ConsistencyProof::make(&mut reader, 4, 3), Err(ProveError::OutOfRange));
    let missing = ProveError::Read(ProveError::OutOfRange);
    assert_eq!(InclusionProof::make(&mut reader, 0, 4), Err(missing));
    let outside = ProofError::IndexOutOfTree { index: 0, size: 0 };
    assert_eq!(InclusionProof::new(0, 0, vec![]), Err(outside));
    let shrunk = ProofError::Shrunk { old: 4, new: 3 };
    assert_eq!(ConsistencyProof::new(4, 3, vec![]), Err(shrunk));
}

#[test]
fn proofs_of_the_largest_trees_are_short_made_from_few_hashes_and_hold() {
    let sizes = [1 << 20, 70_000, (1 << 40) - 1, (1 << 40) + 1, (1 << 62) - 7, i64::MAX as u64];
    for size in sizes {
        let mut uniform = Uniform::new();
        let root = tree_root(&mut uniform, size).unwrap();
        for part in [0, size / 3, size / 2, size - 2, size - 1] {
            uniform.reads = 0;
            let proof = InclusionProof::make(&mut uniform, part, size).unwrap();
            assert_eq!(proof.verify(&TreeHash::leaf(b"again"), &root), Ok(()), "{part} of {size}");
            assert!(uniform.reads <= 128 && proof.path().len() <= 63);
            uniform.reads = 0;
            let old_root = tree_root(&mut uniform, part).unwrap();
            let proof = ConsistencyProof::make(&mut uniform, part, size).unwrap();
            assert_eq!(proof.verify(&old_root, &root), Ok(()), "{part} to {size}");
            let again = ConsistencyProof::new(part, size, proof.path().into());
            assert_eq!(again.as_ref(), Ok(&proof));
        }
    }
}

#[test]
fn sizes_at_the_edge_of_64_bits_never_panic() {
    let edges = [0, 1, 2, 1 << 62, 1 << 63, (1 << 63) + 1, u64::MAX - 1, u64::MAX];
    for a in edges {
        for b in edges {
            for length in [0, 1, 2, 62, 63, 64, 65] {
                let path = vec![TreeHash::EMPTY; length];
                if let Ok(proof) = InclusionProof::new(a, b, path.clone()) {
                    assert!(proof.verify(&TreeHash::EMPTY, &TreeHash::EMPTY).is_err() || b == 1);
                }
                if let Ok(proof) = ConsistencyProof::new(a, b, path) {
                    let _ = proof.verify(&TreeHash::EMPTY, &TreeHash::EMPTY);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn proofs_of_middling_trees_are_those_of_the_rfc(size in 1usize..300, part in 0usize..300) {
        let tree = leaves(size);
        let root = rfc::mth(&tree);
        let index = part % size;
        let proof = InclusionProof::make(&mut &tree[..], index as u64, size as u64).unwrap();
        prop_assert_eq!(proof.path(), rfc::path(index, &tree));
        prop_assert_eq!(proof.verify(&tree[index], &root), Ok(()));
        let old = index + 1;
        let proof = ConsistencyProof::make(&mut &tree[..], old as u64, size as u64).unwrap();
        prop_assert_eq!(proof.path(), rfc::subproof(old, &tree, true));
        prop_assert_eq!(proof.verify(&rfc::mth(&tree[..old]), &root), Ok(()));
    }

    #[test]
    fn a_proof_altered_in_one_bit_does_not_hold(
        size in 2usize..200, part in 0usize..200, bit in 0usize..20_000,
    ) {
        let tree = leaves(size);
        let root = rfc::mth(&tree);
        let alter = |path: &[TreeHash]| {
            let mut path = path.to_vec();
            let (hash, bit) = ((bit / 256) % path.len(), bit % 256);
            let mut bytes = *path[hash].as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            path[hash] = TreeHash::from_bytes(bytes);
            path
        };
        let index = part % size;
        let proof = InclusionProof::make(&mut &tree[..], index as u64, size as u64).unwrap();
        let altered = alter(proof.path());
        let altered = InclusionProof::new(index as u64, size as u64, altered).unwrap();
        prop_assert!(altered.verify(&tree[index], &root).is_err());
        let old = index.max(1);
        if old < size {
            let proof = ConsistencyProof::make(&mut &tree[..], old as u64, size as u64).unwrap();
            let altered = alter(proof.path());
            let altered = ConsistencyProof::new(old as u64, size as u64, altered).unwrap();
            prop_assert!(altered.verify(&rfc::mth(&tree[..old]), &root).is_err());
        }
    }
}

/// A hash of a vector; `None` where it does not have 32 bytes, which is refused when it is parsed.
fn hash(value: &Value) -> Option<TreeHash> {
    value.as_str()?.parse().ok()
}

fn path(case: &Value) -> Option<Vec<TreeHash>> {
    // Where a case has no proof, the list is null.
    case["proof"].as_array().map_or(Some(vec![]), |hashes| hashes.iter().map(hash).collect())
}

fn holds_inclusion(case: &Value) -> Option<bool> {
    let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
    let (leaf, root) = (hash(&case["leafHash"])?, hash(&case["root"])?);
    let proof = InclusionProof::new(index, size, path(case)?);
    Some(proof.is_ok_and(|proof| proof.verify(&leaf, &root).is_ok()))
}

fn holds_consistency(case: &Value) -> Option<bool> {
    let (old, new) = (case["size1"].as_u64()?, case["size2"].as_u64()?);
    let (old_root, new_root) = (hash(&case["root1"])?, hash(&case["root2"])?);
    let proof = ConsistencyProof::new(old, new, path(case)?);
    Some(proof.is_ok_and(|proof| proof.verify(&old_root, &new_root).is_ok()))
}

/// Judges every case of a folder; gives how many there were and those whose roots were refused at
/// parse although the case holds.
fn judge_all(name: &str, holds: fn(&Value) -> Option<bool>) -> (usize, Vec<String>) {
    let Some(folder) = shared::folder(name) else { return (0, vec![]) };
    let (mut judged, mut unparsed) = (0, vec![]);
    for (path, case) in shared::json_files(&folder) {
        let refused = case["wantErr"].as_bool().unwrap();
        match holds(&case) {
            Some(holds) => assert_eq!(holds, !refused, "{}: {}", path.display(), case["desc"]),
            None if refused => {}
            None => unparsed.push(path.file_name().unwrap().to_string_lossy().into_owned()),
        }
        judged += 1;
    }
    unparsed.sort();
    (judged, unparsed)
}

#[test]
fn the_public_inclusion_cases_come_out_as_they_say() {
    let (judged, unparsed) = judge_all("rfc6962/inclusion", holds_inclusion);
    assert!(judged == 0 || judged == 98, "{judged} cases");
    assert_eq!(unparsed, [""; 0]);
}

#[test]
fn the_public_consistency_cases_come_out_as_they_say() {
    let (judged, unparsed) = judge_all("rfc6962/consistency", holds_consistency);
    if judged == 0 {
        return;
    }
    assert_eq!(judged, 98);
    // Its roots are a word of 12 letters and not hashes.
    assert_eq!(unparsed, ["sizes-are-equal-one-and-proof-is-empty.json"]);
}
