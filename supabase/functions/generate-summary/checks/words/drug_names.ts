/**
 * Names of drugs: international nonproprietary names (INN), which the WHO places in the public domain,
 * with the national ones that differ (USAN, BAN). By their stems (WHO, "The use of stems in the
 * selection of INN"), with the endings that languages put on those; one by one where they have none.
 */
import { once } from "../../core/lazily.ts";

/** No ordinary word ends so; with the ending of Latin, Spanish, German, French or Swedish, or none. */
const STEMS =
  "cillin|mycin|micin|floxacin|oxacin|[aeiou]vir|vudin|tinib|umab|imab|[^a]pril|[aeiou]pril|sartan|olol|dipin|" +
  "vastatin|nystatin|fibrat|semid|t?h?iazid|tidin|setron|triptan|coxib|profen|fenac|oxicam|gliptin|gliflozin|" +
  "glutid|glitazon|glinid|aparin|heparin|xaban|gatran|grel|cortison|metason|ticason|nisolon|sonid|acetonid|" +
  "(?:mo|me|bu|an)terol|tropium|lukast|ph?yllin|fyllin|atadin|zepam|zolam|zolpidem|oxetin|ipramin|triptylin|" +
  "tralin|alopram|(?:zap|tiap|azep)in|peridon|azodon|peridol|perazin|gabalin|racetam|barbital|[^f]cain|curonium|" +
  "fentan[iy]l|dronat|conazol|bendazol|nidazol|prazol|piprazol|oroquin|floquin|primaquin|azosin|dralazin|" +
  "steride?|nafil|penem|bactam|taxel|rubicin|ciclib|parib|poetin|grastim|tercept|tacept|relix|orelin|tocin|" +
  "lafaxin|cyclin|cyklin|zyklin|sulprid|saprid|toprid|azolamid|semestran|trozol|thixen|tixen";

/** With no such stem. Without what is a body's or food's own, too: sodium, glucose, cortisol. */
const NAMES =
  "paracetamol acetaminophen aspirin acetylsalicylic acetylsalicylsyra acetylsalicylsäure metamizole dipyrone " +
  "naproxen celecoxib indomethacin indometacin mefenamic nabumetone nefopam ketorolac etodolac diflunisal " +
  "morphine codeine tramadol tapentadol oxycodone hydrocodone hydromorphone oxymorphone pethidine meperidine " +
  "methadone buprenorphine naloxone naltrexone dihydrocodeine pentazocine butorphanol ziconotide " +
  "insulin metformin gliclazide glibenclamide glyburide glimepiride glipizide tolbutamide acarbose miglitol voglibose " +
  "exenatide tirzepatide pramlintide glucagon levothyroxine thyroxine liothyronine carbimazole methimazole thiamazole " +
  "propylthiouracil prednisone prednisolone methylprednisolone hydrocortisone cortisone triamcinolone fludrocortisone " +
  "deflazacort clobetasol mometasone fluticasone budesonide beclomethasone beclometasone desmopressin vasopressin " +
  "octreotide somatropin cabergoline bromocriptine estradiol oestradiol ethinylestradiol estriol medroxyprogesterone " +
  "norethisterone norethindrone levonorgestrel desogestrel drospirenone dydrogesterone tibolone raloxifene clomiphene " +
  "clomifene tamoxifen fulvestrant anastrozole letrozole exemestane bicalutamide flutamide enzalutamide abiraterone " +
  "danazol mifepristone misoprostol carboprost dinoprostone oxytocin carbetocin ergometrine " +
  "warfarin acenocoumarol phenprocoumon dabigatran fondaparinux dalteparin clopidogrel ticlopidine ticagrelor " +
  "dipyridamole cilostazol pentoxifylline alteplase tenecteplase streptokinase tranexamic digoxin digitoxin amiodarone " +
  "dronedarone flecainide propafenone sotalol quinidine procainamide mexiletine lidocaine adenosine verapamil diltiazem " +
  "ivabradine ranolazine nitroglycerin glyceryl isosorbide nicorandil hydralazine minoxidil methyldopa clonidine " +
  "moxonidine reserpine carvedilol nebivolol labetalol aliskiren sacubitril furosemide frusemide bumetanide " +
  "torasemide torsemide spironolactone eplerenone finerenone amiloride triamterene chlorthalidone chlortalidone " +
  "indapamide metolazone hydrochlorothiazide acetazolamide mannitol tolvaptan ezetimibe niacin nicotinic colestyramine " +
  "cholestyramine colesevelam fenofibrate bezafibrate gemfibrozil bempedoic evolocumab alirocumab " +
  "omeprazole famotidine ranitidine cimetidine sucralfate bismuth simethicone simeticone metoclopramide domperidone " +
  "ondansetron prochlorperazine cyclizine meclizine meclozine betahistine cinnarizine dimenhydrinate scopolamine hyoscine " +
  "dicyclomine dicycloverine mebeverine drotaverine trimebutine loperamide diphenoxylate racecadotril rifaximin " +
  "bisacodyl senna lactulose macrogol docusate psyllium ispaghula linaclotide lubiprostone prucalopride mesalazine " +
  "mesalamine sulfasalazine ursodiol ursodeoxycholic orlistat pancreatin " +
  "azithromycin clarithromycin erythromycin roxithromycin telithromycin clindamycin lincomycin vancomycin teicoplanin " +
  "linezolid daptomycin gentamicin amikacin tobramycin streptomycin neomycin doxycycline minocycline tetracycline " +
  "tigecycline chloramphenicol cotrimoxazole trimethoprim sulfamethoxazole sulfadiazine dapsone nitrofurantoin " +
  "fosfomycin methenamine metronidazole tinidazole ornidazole secnidazole cefalexin cephalexin cefaclor cephradine " +
  "cefazolin cefixime cefuroxime cefpodoxime cefdinir ceftriaxone cefotaxime ceftazidime cefepime cefadroxil cefoperazone " +
  "clavulanate clavulanic piperacillin aztreonam colistin polymyxin mupirocin fusidic rifampicin rifampin isoniazid " +
  "pyrazinamide ethambutol bedaquiline clofazimine terbinafine griseofulvin amphotericin nystatin fluconazole " +
  "clotrimazole caspofungin flucytosine aciclovir acyclovir oseltamivir efavirenz nevirapine lamivudine zidovudine " +
  "tenofovir emtricitabine ribavirin quinine hydroxychloroquine artemether lumefantrine artesunate primaquine " +
  "proguanil atovaquone pyrimethamine praziquantel pyrantel ivermectin permethrin niclosamide diethylcarbamazine " +
  "salbutamol albuterol levalbuterol levosalbutamol terbutaline ipratropium theophylline aminophylline doxofylline " +
  "montelukast cromoglycate cromolyn omalizumab ambroxol bromhexine acetylcysteine carbocisteine carbocysteine " +
  "guaifenesin dextromethorphan noscapine pholcodine benzonatate pseudoephedrine phenylephrine oxymetazoline " +
  "xylometazoline cetirizine levocetirizine fexofenadine loratadine desloratadine bilastine ebastine rupatadine " +
  "chlorpheniramine chlorphenamine diphenhydramine hydroxyzine promethazine clemastine cyproheptadine doxylamine " +
  "azelastine ketotifen epinephrine adrenaline norepinephrine dopamine dobutamine atropine glycopyrrolate " +
  "glycopyrronium ephedrine neostigmine pyridostigmine edrophonium suxamethonium succinylcholine propofol ketamine " +
  "etomidate thiopental sevoflurane isoflurane dexmedetomidine diazepam melatonin zopiclone eszopiclone zaleplon " +
  "buspirone bupropion mirtazapine mianserin trazodone vortioxetine agomelatine moclobemide phenelzine " +
  "selegiline rasagiline lithium valproate valproic divalproex carbamazepine oxcarbazepine phenytoin fosphenytoin " +
  "ethosuximide lamotrigine topiramate zonisamide gabapentin vigabatrin lacosamide tiagabine perampanel primidone " +
  "phenobarbitone haloperidol chlorpromazine fluphenazine flupentixol zuclopenthixol levomepromazine sulpiride " +
  "amisulpride ziprasidone lurasidone asenapine cariprazine methylphenidate atomoxetine dexamfetamine " +
  "lisdexamfetamine amphetamine modafinil guanfacine donepezil rivastigmine galantamine memantine levodopa carbidopa " +
  "benserazide entacapone pramipexole ropinirole rotigotine amantadine trihexyphenidyl benztropine procyclidine " +
  "riluzole baclofen tizanidine cyclobenzaprine methocarbamol carisoprodol thiocolchicoside dantrolene orphenadrine " +
  "flunarizine pizotifen ergotamine disulfiram acamprosate varenicline " +
  "methotrexate leflunomide azathioprine mercaptopurine ciclosporin cyclosporine tacrolimus sirolimus everolimus " +
  "mycophenolate cyclophosphamide chlorambucil hydroxyurea hydroxycarbamide fluorouracil capecitabine cytarabine " +
  "gemcitabine pemetrexed vincristine vinblastine vinorelbine etoposide irinotecan topotecan cisplatin carboplatin " +
  "oxaliplatin bleomycin mitomycin temozolomide procarbazine dacarbazine bortezomib lenalidomide thalidomide tretinoin " +
  "bevacizumab etanercept abatacept anakinra tofacitinib apremilast " +
  "colchicine allopurinol febuxostat probenecid alendronic alendronate risedronate ibandronate zoledronic denosumab " +
  "teriparatide calcitonin cinacalcet calcitriol alfacalcidol cholecalciferol colecalciferol ergocalciferol " +
  "cyanocobalamin hydroxocobalamin mecobalamin methylcobalamin folic folsyra folsäure thiamine pyridoxine riboflavin " +
  "ferrous ferric sevelamer lanthanum deferasirox deferoxamine eltrombopag romiplostim " +
  "isotretinoin acitretin adapalene tazarotene benzoyl calcipotriol calcipotriene hydroquinone azelaic salicylic " +
  "pimecrolimus imiquimod podophyllotoxin crotamiton urea " +
  "timolol latanoprost travoprost bimatoprost brimonidine dorzolamide brinzolamide pilocarpine cyclopentolate " +
  "tropicamide olopatadine tamsulosin alfuzosin silodosin finasteride dutasteride oxybutynin tolterodine solifenacin " +
  "darifenacin mirabegron flavoxate phenazopyridine sildenafil tadalafil vardenafil dapoxetine";

/** Given in micrograms alone: a number without a unit is no milligrams. */
const MICROGRAMS =
  "levothyroxine thyroxine liothyronine digoxin fentanyl salbutamol albuterol formoterol salmeterol budesonide " +
  "beclomethasone beclometasone fluticasone mometasone tiotropium ipratropium cholecalciferol colecalciferol " +
  "calcitriol alfacalcidol cyanocobalamin hydroxocobalamin misoprostol desmopressin octreotide clonidine";

/** End like a drug and are none. */
const ORDINARY = /^(?:cholesterol|kolesterol|colesterol|april|avril|motorcyk?lin|platin)/;

const stems = once(() =>
  new RegExp(`^[a-zåäöüéèíóñçß]{2,}(?:${STEMS})(?:e|o|a|um|en|et|s)?$`, "u")
);
const listed = once(() => new Set(NAMES.split(" ").map(spelling)));
const micrograms = once(() => new Set(MICROGRAMS.split(" ").map(spelling)));

/** One spelling for the languages' own: `amoxicilline`, `amoxicilina`; `klopidogrel`, `metotrexat`. */
export function spelling(word: string): string {
  return word.normalize("NFD").replace(/\p{M}/gu, "")
    .replace(/ph/g, "f").replace(/th/g, "t").replace(/ch|k/g, "c").replace(/y/g, "i")
    // Of short words too little would be left: senna, seen.
    .replace(/^(?=.{7})(.*)$/, (long) => long.replace(/(.)\1/g, "$1"))
    // Endings of Latin and of the languages, Swedish "metoprololen".
    .replace(/(?<=....)(?:um|en|et|e|a|o|s)+$/, "");
}

const kept = new Map<string, boolean>();

/** Whether a normalized word is the name of a drug, by its stem or by the list. */
export function isDrug(word: string): boolean {
  if (word.length < 4) return false;
  const known = kept.get(word);
  if (known !== undefined) return known;
  const is = !ORDINARY.test(word) &&
    (listed().has(spelling(word)) || /^(?:cef(?!al)|sulfa)[a-z]{3,}/.test(word) ||
      stems().test(word));
  // Of a long life's words only so many.
  if (kept.size < 5000) kept.set(word, is);
  return is;
}

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];

export const namesDrug = (text: string): boolean => wordsOf(text).some(isDrug);

export const microgramsOnly = (text: string): boolean =>
  wordsOf(text).some((word) => micrograms().has(spelling(word)));
