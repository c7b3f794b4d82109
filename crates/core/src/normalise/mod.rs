//! Draft -> alert: dates, addresses, HTML to text, identity, content hash, the made title of a CVE.
//! Pure: no clock, no network, no database.
