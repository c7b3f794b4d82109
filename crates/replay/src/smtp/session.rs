//! One SMTP conversation (RFC 5321, with STARTTLS of RFC 3207 and AUTH of RFC 4954), from greeting to QUIT.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use crate::smtp::{MailTrouble, Message, Shared};

/// The longest line that is read, and the largest message.
const MAX_LINE: usize = 64 * 1024;
const MAX_MESSAGE: usize = 32 * 1024 * 1024;

/// A silent client is dropped after this.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a phase of the conversation ended.
#[derive(PartialEq, Eq)]
enum End {
    Closed,
    StartTls,
}

/// Whether the conversation goes on after a message.
#[derive(PartialEq, Eq)]
enum After {
    GoOn,
    Close,
}

pub(crate) async fn run(stream: TcpStream, is_tls: bool, shared: &Shared) -> io::Result<()> {
    tokio::time::sleep(shared.behaviour().delay).await;
    if is_tls {
        let stream = shared.acceptor.accept(stream).await?;
        Session::new(stream, shared, true).talk(true).await?;
        return Ok(());
    }
    let mut session = Session::new(stream, shared, false);
    if session.talk(true).await? == End::StartTls {
        // What was sent ahead of the handshake is thrown away with the buffer (RFC 3207, 6).
        let stream = shared.acceptor.accept(session.stream.into_inner()).await?;
        Session::new(stream, shared, true).talk(false).await?;
    }
    Ok(())
}

struct Session<'a, S> {
    stream: BufStream<S>,
    shared: &'a Shared,
    is_tls: bool,
    user: Option<String>,
    from: Option<String>,
    to: Vec<String>,
    /// What goes wrong with the message that was begun.
    trouble: Option<MailTrouble>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Session<'a, S> {
    fn new(stream: S, shared: &'a Shared, is_tls: bool) -> Self {
        Self {
            stream: BufStream::new(stream),
            shared,
            is_tls,
            user: None,
            from: None,
            to: Vec::new(),
            trouble: None,
        }
    }

    async fn talk(&mut self, greets: bool) -> io::Result<End> {
        if greets {
            self.reply("220 localhost tocsin-replay ESMTP").await?;
        }
        loop {
            let Some(line) = self.line().await? else {
                return Ok(End::Closed);
            };
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.extensions().await?,
                "HELO" => self.reply("250 localhost").await?,
                "STARTTLS" => {
                    if self.may_start_tls().await? {
                        return Ok(End::StartTls);
                    }
                }
                "AUTH" => self.auth(rest.trim()).await?,
                "MAIL" => self.mail(rest).await?,
                "RCPT" => self.rcpt(rest).await?,
                "DATA" => {
                    if self.data().await? == After::Close {
                        return Ok(End::Closed);
                    }
                }
                "RSET" => {
                    self.reset();
                    self.reply("250 2.0.0 Ok").await?;
                }
                "NOOP" => self.reply("250 2.0.0 Ok").await?,
                "VRFY" => self.reply("252 2.1.5 Cannot verify").await?,
                "QUIT" => {
                    self.reply("221 2.0.0 Bye").await?;
                    return Ok(End::Closed);
                }
                _ => self.reply("500 5.5.2 Command not recognised").await?,
            }
        }
    }

    async fn extensions(&mut self) -> io::Result<()> {
        self.reset();
        let behaviour = self.shared.behaviour();
        let mut lines = vec!["localhost".to_owned(), "8BITMIME".to_owned()];
        lines.push("SMTPUTF8".to_owned());
        lines.push("ENHANCEDSTATUSCODES".to_owned());
        lines.push(format!("SIZE {MAX_MESSAGE}"));
        if !self.is_tls && !behaviour.hide_starttls {
            lines.push("STARTTLS".to_owned());
        }
        if self.is_tls || behaviour.allow_plain_auth {
            lines.push("AUTH PLAIN LOGIN".to_owned());
        }
        let last = lines.len() - 1;
        let mut text = String::new();
        for (at, line) in lines.iter().enumerate() {
            let mark = if at == last { ' ' } else { '-' };
            text.push_str(&format!("250{mark}{line}\r\n"));
        }
        self.send(&text).await
    }

    async fn may_start_tls(&mut self) -> io::Result<bool> {
        let behaviour = self.shared.behaviour();
        if self.is_tls {
            self.reply("503 5.5.1 TLS is already on").await?;
        } else if behaviour.hide_starttls {
            self.reply("502 5.5.1 STARTTLS is not offered").await?;
        } else if let Some(reply) = &behaviour.starttls_reply {
            self.reply(reply).await?;
        } else {
            self.reply("220 2.0.0 Ready to start TLS").await?;
            return Ok(true);
        }
        Ok(false)
    }

    async fn auth(&mut self, rest: &str) -> io::Result<()> {
        let behaviour = self.shared.behaviour();
        if !self.is_tls && !behaviour.allow_plain_auth {
            return self.reply("538 5.7.11 Encryption required").await;
        }
        if self.user.is_some() {
            return self.reply("503 5.5.1 Already logged in").await;
        }
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let initial = (!initial.is_empty()).then(|| initial.to_owned());
        let given = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let answer = match initial {
                    Some(answer) => Some(answer),
                    None => self.ask("").await?,
                };
                answer.and_then(|answer| plain_credentials(&answer))
            }
            "LOGIN" => {
                let user = match initial {
                    Some(user) => Some(user),
                    None => self.ask("VXNlcm5hbWU6").await?,
                };
                let password = self.ask("UGFzc3dvcmQ6").await?;
                let text = |word: Option<String>| decode_base64(word?.trim());
                text(user).zip(text(password))
            }
            _ => return self.reply("504 5.5.4 Mechanism not offered").await,
        };
        let Some((user, password)) = given else {
            return self.reply("501 5.5.2 Cannot read the credentials").await;
        };
        if let Some(reply) = &behaviour.auth_reply {
            return self.reply(reply).await;
        }
        if user != self.shared.user || password != self.shared.password {
            return self
                .reply("535 5.7.8 Username and password not accepted")
                .await;
        }
        self.user = Some(user);
        self.reply("235 2.7.0 Accepted").await
    }

    async fn mail(&mut self, rest: &str) -> io::Result<()> {
        if self.user.is_none() && !self.shared.behaviour().allow_anonymous {
            return self.reply("530 5.7.0 Authentication required").await;
        }
        let Some(from) = address(rest, "FROM:") else {
            return self.reply("501 5.5.4 Syntax: MAIL FROM:<address>").await;
        };
        if !self.shared.admits() {
            return self.reply("421 4.7.0 Too many messages, slow down").await;
        }
        self.reset();
        self.from = Some(from);
        self.trouble = self.shared.trouble();
        self.reply("250 2.1.0 Ok").await
    }

    async fn rcpt(&mut self, rest: &str) -> io::Result<()> {
        if self.from.is_none() {
            return self.reply("503 5.5.1 MAIL first").await;
        }
        let Some(to) = address(rest, "TO:").filter(|to| !to.is_empty()) else {
            return self.reply("501 5.5.4 Syntax: RCPT TO:<address>").await;
        };
        if let Some(MailTrouble::Recipient { reply }) = self.trouble.clone() {
            return self.reply(&reply).await;
        }
        let replies = self.shared.behaviour().rcpt_replies;
        if let Some(reply) = replies.get(&to).or_else(|| replies.get("*")) {
            return self.reply(reply).await;
        }
        self.to.push(to);
        self.reply("250 2.1.5 Ok").await
    }

    async fn data(&mut self) -> io::Result<After> {
        let from = match &self.from {
            Some(from) if !self.to.is_empty() => from.clone(),
            _ => {
                self.reply("503 5.5.1 RCPT first").await?;
                return Ok(After::GoOn);
            }
        };
        self.reply("354 End with a dot on a line of its own")
            .await?;
        let Some(raw) = self.message().await? else {
            return Ok(After::Close);
        };
        let behaviour = self.shared.behaviour();
        let trouble = self.trouble.take();
        let refusal = match &trouble {
            Some(MailTrouble::Data { reply }) => Some(reply),
            _ => behaviour.data_reply.as_ref(),
        };
        let is_taken = refusal.is_none() && trouble != Some(MailTrouble::CloseUntaken);
        let closes = behaviour.drop_after_data
            || matches!(
                trouble,
                Some(MailTrouble::CloseTaken | MailTrouble::CloseUntaken)
            );
        let answer = match refusal {
            Some(reply) => reply,
            None if closes => "closed",
            None => "250 2.0.0 Ok: recorded",
        };
        self.shared.record(Message {
            from,
            to: std::mem::take(&mut self.to),
            raw,
            user: self.user.clone(),
            over_tls: self.is_tls,
            is_taken,
            answer: answer.to_owned(),
            at: String::new(),
            at_ms: 0,
        });
        self.reset();
        if refusal.is_none() && closes {
            return Ok(After::Close);
        }
        if is_taken {
            tokio::time::sleep(behaviour.answer_delay).await;
        }
        self.reply(answer).await?;
        Ok(After::GoOn)
    }

    /// The message up to the lone dot, with the doubled dots undone; nothing if the connection ended before it.
    async fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut raw = Vec::new();
        loop {
            let Some(line) = read_line(&mut self.stream).await? else {
                return Ok(None);
            };
            if line == b".\r\n" || line == b".\n" {
                return Ok(Some(raw));
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if raw.len() > MAX_MESSAGE {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
        }
    }

    fn reset(&mut self) {
        self.from = None;
        self.to.clear();
        self.trouble = None;
    }

    /// A challenge of AUTH and the client's answer; nothing if it cancels with `*`.
    async fn ask(&mut self, challenge: &str) -> io::Result<Option<String>> {
        self.reply(&format!("334 {challenge}")).await?;
        Ok(self.line().await?.filter(|answer| answer != "*"))
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let line = tokio::time::timeout(PATIENCE, read_line(&mut self.stream)).await??;
        Ok(line.map(|line| String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    async fn reply(&mut self, line: &str) -> io::Result<()> {
        self.send(&format!("{line}\r\n")).await
    }

    async fn send(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes()).await?;
        self.stream.flush().await
    }
}

/// A line with its end; nothing at the end of the stream.
async fn read_line(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    loop {
        let buffer = stream.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(buffer.len(), |end| end + 1);
        line.extend_from_slice(&buffer[..taken]);
        stream.consume(taken);
        if end.is_some() {
            return Ok(Some(line));
        }
        if line.len() > MAX_LINE {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// The address between `<` and `>` after `FROM:` or `TO:`.
fn address(rest: &str, keyword: &str) -> Option<String> {
    let rest = rest.trim_start();
    let head = rest.get(..keyword.len())?;
    if !head.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let rest = rest[keyword.len()..].trim_start().strip_prefix('<')?;
    let (address, _) = rest.split_once('>')?;
    Some(address.to_owned())
}

/// AUTH PLAIN: authorisation id, user and password with zero bytes between them (RFC 4616).
fn plain_credentials(answer: &str) -> Option<(String, String)> {
    let text = decode_base64(answer.trim())?;
    let mut parts = text.split('\0').skip(1);
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}

fn decode_base64(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut bits: u32 = 0;
    let mut count = 0;
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_credentials() {
        assert_eq!(
            plain_credentials("AHVzZXIAcMOkc3M="),
            Some(("user".to_owned(), "päss".to_owned()))
        );
        assert_eq!(plain_credentials("!"), None);
        assert_eq!(plain_credentials("dXNlcg=="), None);
        assert_eq!(decode_base64("").as_deref(), Some(""));
    }

    #[test]
    fn reads_an_envelope_address() {
        let check = |rest: &str, expect: Option<&str>| {
            assert_eq!(address(rest, "FROM:").as_deref(), expect, "{rest}");
        };
        check("FROM:<a@b.example> SIZE=10", Some("a@b.example"));
        check("from: <>", Some(""));
        check("a@b.example", None);
        check("é", None);
    }
}
