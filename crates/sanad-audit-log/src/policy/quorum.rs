//! Which sets of witnesses are enough.

/// What a quorum and a group are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Member {
    /// The witness at this place among the witnesses.
    Witness(usize),
    /// The group at this place among the groups.
    Group(usize),
}

/// Members, of which at least `threshold` must have witnessed. They stand before the group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Group {
    pub(super) threshold: usize,
    pub(super) members: Vec<Member>,
}

/// The rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Quorum {
    /// No cosignature is needed.
    None,
    /// This witness or group must have witnessed.
    Of {
        /// All groups, in the file's order.
        groups: Vec<Group>,
        /// Which one of them, or which witness.
        member: Member,
    },
}

impl Quorum {
    /// Whether the witnesses that cosigned are enough. Takes time in proportion to the policy's
    /// length, since a name is a member of one group at most.
    pub(super) fn is_reached(&self, cosigned: &[bool]) -> bool {
        let Self::Of { groups, member } = self else { return true };
        let mut witnessed: Vec<bool> = Vec::with_capacity(groups.len());
        for group in groups {
            let holds = |member: &&Member| holds(**member, cosigned, &witnessed);
            let count = group.members.iter().filter(holds).count();
            witnessed.push(count >= group.threshold);
        }
        holds(*member, cosigned, &witnessed)
    }
}

fn holds(member: Member, cosigned: &[bool], witnessed: &[bool]) -> bool {
    let (answers, place) = match member {
        Member::Witness(place) => (cosigned, place),
        Member::Group(place) => (witnessed, place),
    };
    answers.get(place).copied().unwrap_or(false)
}
