/** Relatives and others that a consultation speaks of, in the languages of `languages.ts`; alternatives. */
export const PERSONS: Record<string, string> = {
  mother:
    "mother|mum|mom|mama|mamma|mor|mutter|mutti|maa|mummy|mata|mataji|माँ|मां|माता|मम्मी|अम्मा|amma|madre|mère",
  father: "father|dad|daddy|papa|pappa|far|vater|pitaji|pita|पिता|पापा|पिताजी|padre|père",
  brother: "brothers?|bror|brodern|brorsan|bruder|brüder|bhai|भाई|hermano|frère",
  sister: "sisters?|syster|systern|schwester|schwestern|behen|bahan|didi|बहन|दीदी|hermana|sœur",
  son: "sons?|son|sonen|sohn|söhne|beta|bete|बेटा|बेटे|hijo|fils",
  daughter: "daughters?|dotter|dottern|tochter|töchter|beti|बेटी|hija|fille",
  wife: "wife|fru|frun|hustru|ehefrau|patni|biwi|पत्नी|बीवी|esposa|épouse",
  husband: "husband|make|maken|ehemann|pati|पति|esposo|marido|mari",
  grandmother:
    "grandmother|grandma|gran|nan|mormor|farmor|großmutter|oma|dadi|nani|दादी|नानी|abuela",
  grandfather: "grandfather|grandad|grandpa|morfar|farfar|großvater|opa|dada|nana|दादा|नाना|abuelo",
  uncle: "uncle|farbror|morbror|onkel|chacha|mama ji|चाचा|tío|oncle",
  aunt: "aunt|auntie|faster|moster|tante|chachi|mausi|bua|चाची|मौसी|tía",
  cousin: "cousins?|kusin|kusinen|cousine|vetter|primo|prima",
  colleague: "colleagues?|co-?workers?|boss|kollega|kollegor|chef|kollege|kollegin|kollegen",
  friend:
    "friends?|neighbou?rs?|roommates?|flatmates?|vän|vänner|granne|freund|freunde|freundin|nachbar\\p{L}*|dost|दोस्त|padosi",
};

/** Who is meant by those that name several. */
export const GROUPS: [names: string, who: string[]][] = [
  ["parents|föräldrar\\p{L}*|eltern|maa ?baap|माता-पिता|माँ-बाप", ["mother", "father"]],
  ["siblings?|syskon|geschwister|bhai ?behen|भाई-बहन", ["brother", "sister"]],
  [
    "(?:his|her|their|my|your|one|two|three|all)(?: of (?:his|her|their|the))? (?:child|children|kids?)|(?:hans|hennes|mina|dina|två|tre) barn|(?:seine|ihre|meine|zwei|drei) kinder|bachch?[aeo]\\p{L}*|बच्च\\p{L}*|niñ\\p{L}+|enfants?",
    ["son", "daughter"],
  ],
  ["spouse|partner|partners?|sambo|lebensgefährt\\p{L}+|girlfriend|boyfriend", ["wife", "husband"]],
  ["grandparents?|großeltern", ["grandmother", "grandfather"]],
];
export const FAMILY =
  "family|relatives?|familj\\p{L}*|släkt\\p{L}*|anhörig\\p{L}*|familie|angehörige\\p{L}*|verwandte\\p{L}*|parivar|ghar (?:mein|wal\\p{L}+)|परिवार|घर (?:में|वाल\\p{L}*)";
