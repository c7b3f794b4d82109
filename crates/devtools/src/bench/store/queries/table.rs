//! The queries that are measured: what people ask for, in the query language.

use std::fmt;

/// What a query is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Text,
    Field,
    Date,
    Logic,
}

impl Class {
    pub const ALL: [Self; 4] = [Self::Text, Self::Field, Self::Date, Self::Logic];
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Field => "field",
            Self::Date => "date",
            Self::Logic => "logic",
        })
    }
}

/// How many alerts it is meant to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    Many,
    Few,
}

/// A query.
#[derive(Debug)]
pub struct Query {
    pub text: &'static str,
    pub class: Class,
    pub finds: Finds,
    /// Whether it is measured in every order too.
    pub sorted: bool,
}

const fn query(text: &'static str, class: Class, finds: Finds) -> Query {
    Query {
        text,
        class,
        finds,
        sorted: false,
    }
}

const fn sorted(text: &'static str, class: Class, finds: Finds) -> Query {
    Query {
        text,
        class,
        finds,
        sorted: true,
    }
}

use Class::{Date, Field, Logic, Text};
use Finds::{Few, Many};

/// All of them.
pub const QUERIES: [Query; 60] = [
    sorted("vulnerability", Text, Many),
    sorted("remote attackers", Text, Many),
    query("allows", Text, Many),
    sorted("\"denial of service\"", Text, Many),
    sorted("sql injection", Text, Many),
    query("\"cross-site scripting\"", Text, Many),
    query("execute arbitrary code", Text, Many),
    query("buffer overflow", Text, Many),
    query("windows", Text, Many),
    sorted("linux kernel", Text, Many),
    query("wordpress plugin", Text, Many),
    query("title:remote", Text, Many),
    query("auth*", Text, Many),
    query("kube*", Text, Few),
    query("log4j", Text, Few),
    sorted("apache struts", Text, Few),
    query("\"use after free in\"", Text, Few),
    query("junos bgp", Text, Few),
    query("netscaler", Text, Few),
    query("zerologon", Text, Few),
    query("CVE-2008-0166", Text, Few),
    query("CVE-2026", Text, Many),
    sorted("severity:high", Field, Many),
    query("severity>=medium", Field, Many),
    sorted("cvss>=9", Field, Many),
    query("cvss:7..9", Field, Many),
    query("epss>50%", Field, Few),
    sorted("epss>0.01", Field, Many),
    sorted("kev:true", Field, Few),
    query("unscored:true", Field, Many),
    query("unread:true", Field, Many),
    sorted("vendor:microsoft", Field, Many),
    query("vendor=apache", Field, Many),
    query("product:windows", Field, Many),
    query("product:\"http server\"", Field, Few),
    query("cwe:CWE-79", Field, Many),
    query("cwe:CWE-79,CWE-89,CWE-352", Field, Many),
    query("state:open", Field, Many),
    query("state:closed", Field, Many),
    sorted("kind:article", Field, Many),
    query("watch:*", Field, Many),
    query("tag:disputed", Field, Few),
    sorted("published:<30d", Date, Many),
    query("published:<7d", Date, Few),
    query("published:>10y", Date, Many),
    query("published:2015", Date, Many),
    query("published:2020-03", Date, Few),
    query("published:2010..2012", Date, Many),
    query("updated:<1y", Date, Many),
    query("added:<1y severity:high", Date, Many),
    sorted("apache OR nginx OR openssl", Logic, Many),
    query("windows -linux", Logic, Many),
    query("severity:high -kev:true", Logic, Many),
    sorted("(openssl OR gnutls) severity:high", Logic, Few),
    query("NOT severity:low", Logic, Many),
    query(
        "vendor:microsoft product:windows cvss>=9 published:<5y",
        Logic,
        Few,
    ),
    query("kernel NOT (windows OR linux)", Logic, Few),
    query(
        "state:open severity:high (kev:true OR epss>10%)",
        Logic,
        Many,
    ),
    query("remote -\"denial of service\"", Logic, Many),
    query(
        "kind:article ransomware OR kind:article malware",
        Logic,
        Few,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_queries_differ_and_cover_every_class_common_and_rare() {
        let texts: BTreeSet<&str> = QUERIES.iter().map(|q| q.text).collect();
        assert_eq!(texts.len(), QUERIES.len());
        assert_eq!(QUERIES.iter().filter(|q| q.sorted).count(), 15);
        for class in Class::ALL {
            for finds in [Many, Few] {
                assert!(
                    QUERIES.iter().any(|q| q.class == class && q.finds == finds),
                    "{class:?} {finds:?}"
                );
            }
        }
    }
}
