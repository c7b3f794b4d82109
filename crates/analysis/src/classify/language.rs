//! Is this English, and is there enough of it? Models that learnt from English must not speak of a text in
//! another language.
//!
//! Judged by function words, which no writer can do without, by the share of known words, and by script.
//! Vulnerability texts full of identifiers have few function words but known words; a German headline has
//! German function words or unknown words with an umlaut.

use super::Why;

/// What one reading of a document says of its language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Words that have a letter.
    pub words: u32,
    /// Of these, words that some model knows.
    pub known: u32,
    /// English function words.
    pub english: u32,
    /// Function words of other languages that are none of English.
    pub foreign: u32,
    /// Words with a Latin letter beyond ASCII.
    pub accented: u32,
    /// Words in a script that is not Latin.
    pub other_script: u32,
}

impl Reading {
    /// Whether the models may speak.
    ///
    /// # Errors
    /// [`Why::TooShort`] below three words or without known words enough, [`Why::NotEnglish`] for another language.
    pub fn check(&self) -> Result<(), Why> {
        if self.other_script * 4 > self.words {
            return Err(Why::NotEnglish);
        }
        if self.foreign >= 1 && self.foreign > self.english {
            // One "de" may be a name's: an accent or unknown words must agree.
            let unknown = self.words - self.known.min(self.words);
            if self.foreign >= 3 || self.accented > 0 || unknown * 3 > self.words {
                return Err(Why::NotEnglish);
            }
        }
        if self.accented * 5 > self.words && self.english == 0 && self.words >= 3 {
            return Err(Why::NotEnglish);
        }
        if self.words < 3 || self.known < 2 {
            return Err(Why::TooShort);
        }
        if self.words >= 5 && self.english == 0 && self.known * 2 < self.words {
            return Err(Why::NotEnglish);
        }
        Ok(())
    }
}

/// What kind of function word this is, if any: `true` for English.
pub(super) fn function_words() -> impl Iterator<Item = (&'static str, bool)> {
    let english = ENGLISH.split_ascii_whitespace().map(|word| (word, true));
    let foreign = FOREIGN
        .split_ascii_whitespace()
        .filter(|word| !ENGLISH.split_ascii_whitespace().any(|e| e == *word))
        .map(|word| (word, false));
    english.chain(foreign)
}

/// The kind of a word in a script that is not Latin.
pub(super) fn is_other_script(c: char) -> bool {
    c.is_alphabetic() && !is_latin(c)
}

/// Latin letters: Basic Latin, Latin-1, Extended-A and -B, IPA, Additional, full width.
pub(super) fn is_latin(c: char) -> bool {
    matches!(c, '\0'..='\u{02af}' | '\u{1e00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}' | '\u{ff21}'..='\u{ff5a}')
}

const ENGLISH: &str = "the of and to a in for is on that by this with you it not or be are from at as \
    your all have an was we will can us about if my has but our one other do no they he up may what which \
    their out use any there see only so his when here who also now get been would how were these its \
    like than some her into could should over after before via through between against without within \
    allows because does did had them then where while who why just more most such via both each during \
    until since per must being still says according new isn doesn don didn won";

const FOREIGN: &str = "der die das und ist nicht von mit dem den des ein eine einer eines einem einen für auf zu im \
    sich auch wird werden wurde wurden oder aber wie bei durch aus nach vor über unter zum zur als kann können sind \
    ihre ihren haben hat war noch nur mehr diese dieser dieses gegen zwischen wegen ermöglicht jetzt warum sicherheit \
    le la les des du un une et est dans pour par sur avec que qui ne pas plus au aux ce cette ces son ses leur \
    sont été être ont comme mais ou où nous vous ils elle leurs entre après avant très peut permet \
    el los las unos unas una y en para por con que se su sus al del más como pero este esta estos estas \
    ha han fue ser son entre sobre hasta desde también puede pueden permite través muy sin según \
    o os as um uma uns umas e da do dos das em no na nos nas ao aos à às com não mais seu sua seus suas pelo pela \
    foi são está este esta isso como mas também até sobre pode podem através \
    il lo gli uno di che non è per con da dal dalla della delle degli nel nella sono anche più questo questa ma \
    come può stato alla al tra fra nuova nuovo \
    het een van en voor met op te zijn niet aan door ook wordt worden naar om uit bij deze dit heeft maar kan \
    och att det som en ett är på med för av inte den till har kan från var om eller \
    og det er til ikke med af på at den som et har kan ved fra også \
    i w na z do się nie to jest że od przez dla oraz przy są być po ze jak który która które \
    v na se je že s do pro k od po pri jako aby být jsou který \
    ve bir bu için ile da de olarak olan daha çok gibi veya kadar ancak \
    ja on ei että se ovat oli kun mutta myös \
    és az egy hogy nem van meg csak de ez is volt \
    yang dan di dari untuk dengan pada ini itu tidak adalah dalam akan oleh";
