//! Pages of entries: a usual one, moved markup, broken and hostile ones.

use super::*;

fn page(html: &str) -> EntryPage {
    read(html, &Url::parse("https://example.org/list/A01/").unwrap())
}

const USUAL: &str = "<nav><h2>Description</h2>menu</nav><article><h1>A01:2030 Flaw<a href=#a>\u{b6}</a></h1>
    <h2>Background.</h2><p>A story with CWE-1.</p><h2>Description.</h2><p>It is <b>bad</b> &lt;here&gt;.</p>
    <h3>More</h3><ul><li>one</li><li>two</li></ul><h2>How to prevent.</h2><p>Do not.</p>
    <h2>Example attack scenarios.</h2><h2>Scenario #1</h2><pre><code>a &amp; b</code></pre>
    <h2>References.</h2><ul><li><a href='../x'>X</a> <a href='javascript:alert(1)'>no</a></li></ul>
    <h2>List of Mapped CWEs</h2><ul><li><a href='https://cwe.mitre.org/data/definitions/79.html'>CWE-79 XSS</a></li>
    <li>CWE-89 and cwe-20</li><li>CWE-</li><li>CWE-99999999999999999999</li></ul></article>";

#[test]
fn sections_are_found_by_what_their_headings_mean() {
    let page = page(USUAL);
    assert_eq!(
        page.html.split_whitespace().collect::<Vec<_>>().join(" "),
        "<p>Description</p><p>It is bad &lt;here&gt;.</p> <p>More</p><ul><li>one</li><li>two</li></ul><p>How to prevent</p><p>Do not.</p> <p>Example attack scenarios</p><p>Scenario #1</p><pre><code>a &amp; b</code></pre>"
    );
    assert_eq!(page.references, ["https://example.org/list/x"]);
    assert_eq!(page.cwes, ["CWE-79", "CWE-89", "CWE-20"]);
}

#[test]
fn without_a_list_of_its_own_the_weaknesses_are_those_of_the_references() {
    let page = page(
        "<body><div><div><h2>Is the API Vulnerable?</h2></div><div>Maybe CWE-5.</div></div><h2>References</h2><h3>External</h3>
         <a href='https://cwe.mitre.org/data/definitions/285.html'>CWE-285: Improper</a> <a href='https://x.example/CWE-6'>CWE-6</a>",
    );
    assert_eq!(page.cwes, ["CWE-285"]);
    assert!(page.html.contains("Maybe CWE-5."), "{}", page.html);
    assert_eq!(page.references.len(), 2);
}

#[test]
fn hostile_pages_are_text_at_most() {
    for html in ["", "<", "<h2>", "<h2>Description", "\u{0}", "<article>"] {
        assert_eq!(page(html).cwes, Vec::<String>::new(), "{html}");
    }
    let script = page(
        "<h2>Description</h2><p onclick=x>a<script>alert(1)</script><img src=x onerror=y></p>",
    );
    assert_eq!(script.html, "<p>Description</p><p>a</p>");
    let deep = format!("<h2>Description</h2>{}x", "<div>".repeat(50_000));
    assert_eq!(page(&deep), EntryPage::default());
    let inner = format!("<h2>Description</h2>{}x", "<div>".repeat(400));
    assert!(page(&inner).html.ends_with('x'));
    let many = format!(
        "<h2>List of Mapped CWEs</h2>{}",
        (1..5000).map(|n| format!("CWE-{n} ")).collect::<String>()
    );
    assert_eq!(page(&many).cwes.len(), MOST_CWES);
}
