/**
 * Words of a statement that the evidence must have words for, in all the languages of `languages.ts` at
 * once: that something has ended, is to come, is certain, or is the family's. Alternatives of patterns.
 */
const STOPPED =
  "switch\\p{L}*|instead|replac\\p{L}*|cut (?:out|back)|stopp?(?:ed|s|ing)?|discontinu\\p{L}+|quit|ceased|came off|come off|off|no longer|not (?:taking|using)|n't (?:take|taking|use)|gave up|given up|finish\\p{L}*|ran out|run out|held|hold|end(?:ed)?|slut\\p{L}*|s[äa]tt\\p{L}*(?: \\p{L}+){0,2} ut|utsatt|avslut\\p{L}*|abgesetzt|absetz\\p{L}*|setz\\p{L}*(?: \\p{L}+){0,3} ab|weg|weggelassen|weglassen|aufgehört|beendet|nicht mehr|band|chhod\\p{L}*|chhor\\p{L}*|ruk\\p{L}*|बंद|छोड़\\p{L}*|रोक\\p{L}*";
const PAST =
  "past|previous\\p{L}*|former\\p{L}*|used to|ago|before|last|was|were|had|did|\\p{L}+ed|once|earlier|childhood|young|as a (?:child|kid)|history|tidigare|förr|förut|sedan|hade|var|tog|früher|damals|vorher|war|hatte|gehabt|pehle|पहले|tha|thi|the|था|थी|थे";
const FUTURE =
  "will|ll|would|going to|gonna|schedul\\p{L}+|plan\\p{L}*|next|tomorrow|later|upcoming|let's|lets|let|should|want|need|come back|see you|until|in \\d+|in an?|recommend\\p{L}*|follow\\p{L}*|book\\p{L}*|order\\p{L}*|refer\\p{L}*|start\\p{L}*|ska|skall|kommer|boka\\p{L}*|nästa|om \\d+|om|imorgon|morgen|werde\\p{L}*|wird|nächste\\p{L}*|in \\p{L}+|soll\\p{L}*|termin|karenge|karna|kal|agle|agli|hoga|hogi|लेंगे|करेंगे|अगले|अगली|कल|होगा|होगी|करना";
const CERTAIN =
  "definit\\p{L}+|certain|certainly|confirm\\p{L}*|proven|proved|clearly|sure|no doubt|undoubtedly|bekräft\\p{L}+|säker\\p{L}*|säkerställ\\p{L}+|konstater\\p{L}+|gesichert\\p{L}*|bestätigt\\p{L}*|eindeutig\\p{L}*|sicher|pakka|pakki|zaroor|निश्चित|पुष्टि|पक्का|पक्की";

export const NEEDS: [claimed: string, said: string][] = [
  [
    "stopped|stop|stops|discontinued|discontinues?|quit|no longer (?:takes|uses|taking|using)|slutat|sluta|slutade|utsatt|satte ut|sätts ut|avslutad|abgesetzt|absetzen|beendet|band kar(?:na|en|do|diya)|बंद (?:करें|किया|कर)|छोड़ (?:दी|दिया)",
    STOPPED,
  ],
  [
    "used to|previously (?:took|taken|used|on)|formerly|in the past|tog tidigare|tidigare|nahm früher|früher|pehle|पहले",
    PAST,
  ],
  [
    "scheduled|is planned|are planned|planned|will (?:have|undergo|be done)|planerad\\p{L}*|inplanerad\\p{L}*|geplant",
    FUTURE,
  ],
  [
    "definite|definitely|confirmed|certainly|proven|clearly|bekräftad\\p{L}*|säkerställd\\p{L}*|gesicherte?\\p{L}*|bestätigte?\\p{L}*|eindeutig|pakka|निश्चित|पुष्टि",
    CERTAIN,
  ],
];
