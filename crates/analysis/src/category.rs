//! The category of threat that weaknesses stand for: from a CVE's CWEs, without reading its text.

/// The categories, in the order of the alphabet, each with the numbers of its CWEs in ascending order. Pillars
/// and classes that say too little (CWE-20, CWE-707) are in none. Made for this project.
const TABLE: &[(&str, &[u16])] = &[
    (
        "access_control",
        &[
            250, 264, 265, 266, 267, 268, 269, 270, 271, 272, 273, 274, 275, 276, 277, 278, 279,
            280, 281, 282, 283, 284, 285, 286, 424, 639, 648, 668, 669, 708, 732, 749, 862, 863,
            926, 927, 942, 1220, 1230,
        ],
    ),
    (
        "authentication",
        &[
            255, 256, 257, 258, 259, 260, 261, 262, 263, 287, 288, 289, 290, 291, 292, 293, 294,
            302, 303, 304, 305, 306, 307, 308, 309, 346, 358, 384, 521, 522, 523, 549, 603, 613,
            620, 640, 798, 836, 1391, 1392, 1393,
        ],
    ),
    (
        "code_command_injection",
        &[
            74, 75, 77, 78, 88, 90, 91, 93, 94, 95, 96, 97, 98, 113, 470, 624, 643, 913, 917, 1236,
            1336,
        ],
    ),
    (
        "crypto",
        &[
            295, 296, 297, 298, 299, 310, 320, 321, 322, 323, 324, 325, 326, 327, 328, 329, 330,
            331, 332, 333, 334, 335, 336, 337, 338, 339, 340, 341, 342, 343, 344, 345, 347, 353,
            354, 494, 757, 759, 760, 780, 916, 1240, 1241,
        ],
    ),
    (
        "denial_of_service",
        &[
            248, 399, 400, 401, 404, 405, 406, 407, 409, 410, 459, 600, 617, 674, 703, 730, 754,
            755, 770, 771, 772, 773, 774, 775, 776, 789, 834, 835, 1050, 1333,
        ],
    ),
    ("deserialization_xxe", &[112, 502, 611, 827, 915, 1321]),
    (
        "information_disclosure",
        &[
            200, 201, 202, 203, 204, 205, 208, 209, 210, 212, 213, 215, 226, 311, 312, 313, 314,
            315, 316, 317, 318, 319, 359, 385, 402, 497, 524, 525, 526, 527, 528, 529, 530, 531,
            532, 533, 534, 535, 536, 537, 538, 539, 540, 541, 552, 598, 612, 615, 922, 1258,
        ],
    ),
    (
        "memory_corruption",
        &[
            118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 135, 170, 188,
            190, 191, 193, 194, 195, 196, 197, 369, 415, 416, 457, 466, 467, 468, 469, 476, 590,
            680, 681, 682, 704, 761, 762, 763, 785, 786, 787, 788, 805, 806, 822, 823, 824, 825,
            843, 908, 909, 1284,
        ],
    ),
    (
        "path_traversal_file",
        &[
            21, 22, 23, 24, 25, 26, 27, 28, 29, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 59, 61, 62,
            64, 65, 66, 73, 377, 378, 379, 425, 426, 427, 428, 434, 548,
        ],
    ),
    (
        "race_condition",
        &[
            361, 362, 363, 364, 365, 366, 367, 368, 413, 414, 543, 609, 662, 667, 820, 821, 833,
            1265,
        ],
    ),
    ("request_forgery", &[352, 441, 444, 601, 918, 1021]),
    ("sql_injection", &[89, 564, 943]),
    ("xss", &[79, 80, 81, 83, 84, 85, 86, 87, 692]),
];

/// The category that weaknesses (`CWE-79` ...) agree on, and which of them says so first; `None` where none of
/// them is in a category, or two are in different ones.
#[must_use]
pub fn category_of_cwes(cwes: &[String]) -> Option<(&'static str, &str)> {
    let mut known = cwes
        .iter()
        .filter_map(|cwe| Some((category_of(cwe)?, cwe.as_str())));
    let first = known.next()?;
    known
        .all(|(category, _)| category == first.0)
        .then_some(first)
}

fn category_of(cwe: &str) -> Option<&'static str> {
    let number: u16 = cwe.strip_prefix("CWE-")?.parse().ok()?;
    let found = TABLE
        .iter()
        .find(|(_, cwes)| cwes.binary_search(&number).is_ok());
    found.map(|(category, _)| *category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weaknesses_that_agree_are_a_category() {
        let check = |cwes: &[&str], expect: Option<(&str, &str)>| {
            let cwes: Vec<String> = cwes.iter().map(ToString::to_string).collect();
            assert_eq!(category_of_cwes(&cwes), expect, "{cwes:?}");
        };
        check(&["CWE-79"], Some(("xss", "CWE-79")));
        check(
            &["NVD-CWE-noinfo", "CWE-121", "CWE-787"],
            Some(("memory_corruption", "CWE-121")),
        );
        check(&["CWE-79", "CWE-89"], None);
        check(&["CWE-999999", "CWE-"], None);
        check(&[], None);
    }

    #[test]
    fn the_table_is_sorted_and_no_weakness_is_in_two_categories() {
        let mut all: Vec<u16> = Vec::new();
        for (_, cwes) in TABLE {
            assert!(cwes.is_sorted());
            all.extend(*cwes);
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
