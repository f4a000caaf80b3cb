/** What is measured of a body, in the languages of `languages.ts`; alternatives of patterns. */
export const MEASURES: Record<string, string> = {
  pressure:
    "blood pressure|bp|systolic|diastolic|blodtryck\\p{L}*|bt|blutdruck|rr|bp|रक्तचाप|बीपी|ब्लड प्रेशर|raktchap|tensión|tension",
  pulse:
    "heart ?rate|pulse|hr|puls\\p{L}*|hjärtfrekvens\\p{L}*|herzfrequenz|nabz|नाड़ी|नब्ज|पल्स|pulso|pouls",
  breathing:
    "respiratory rate|resp(?:iratory)? rate|respirations?|breathing rate|breaths|rr|andningsfrekvens\\p{L}*|atemfrequenz|saans ki gati|श्वसन दर",
  saturation:
    "(?:oxygen )?saturations?|sats|spo2|sao2|o2 sats?|saturation\\p{L}*|sauerstoffsättigung|sättigung|syremättnad|ऑक्सीजन",
  temperature:
    "temperature|temp|temperatur\\p{L}*|tempen|fever|feber|fieber|bukhar|taapman|तापमान|बुखार",
  weight: "weights?|weighs?|weighed|vikt\\p{L}*|väger|gewicht|wiegt|wiegen|vajan|wazan|वजन|वज़न",
  height: "height|tall|längd|größe|lambai|kad|क़द|लंबाई",
  bmi: "bmi",
  sugar:
    "(?:blood )?(?:sugar|glucose)|fasting|blodsocker|b-?glukos|glukos|blutzucker|glukose|sugar|शुगर|शर्करा",
  hba1c: "hba1c|a1c",
  haemoglobin: "h[ae]*moglobin|hb|hgb|hämoglobin",
  creatinine: "creatinine|kreatinin",
  cholesterol: "cholesterol|kolesterol|cholesterin",
  potassium: "potassium|kalium",
  sodium: "sodium|natrium",
};
