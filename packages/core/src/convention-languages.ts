/**
 * Keys of tags in other languages than English, by what they mean; without accents, case and separators, as
 * convention-shapes.ts compares them. A word that means something else in English (`direction`, `usage`, `but`) is left
 * out, and so is one that could be a technical term.
 */
import type { Meaning } from './conventions.ts'

/** German, French, Spanish, Portuguese, Italian, Dutch, Scandinavian languages and Polish, a line each where they differ. */
export const OTHER_LANGUAGES: Partial<Record<Meaning, string>> = {
  team: `teamverantwortlich verantwortlichesteam zustaendigesteam zustandigesteam mannschaft
    equipe nomequipe equiperesponsable equipo nombreequipo equiporesponsable squadra
    ploeg zespol`,
  owner: `verantwortlich verantwortliche verantwortlicher verantwortung zustaendig zustandig zustaendigkeit zustandigkeit
    eigentuemer eigentumer besitzer inhaber fachverantwortlich fachverantwortlicher
    proprietaire responsable porteur referent
    propietario dueno encargado
    proprietario dono responsavel
    responsabile titolare
    eigenaar verantwoordelijke beheerder
    agare ansvarig eier ejer ansvarlig
    wlasciciel odpowiedzialny`,
  contact: `ansprechpartner ansprechpartnerin kontakt kontaktadresse
    contactequipe courriel
    contacto correo correoelectronico contato
    contatto referente
    contactpersoon`,
  'business-unit': `abteilung fachbereich geschaeftsbereich geschaftsbereich geschaeftsfeld geschaftsfeld bereich
    departement pole entite
    departamento unidaddenegocio unidadenegocio
    reparto dipartimento
    afdeling bedrijfsonderdeel
    avdelning avdeling afdelning
    dzial`,
  function: `geschaeftsfunktion geschaftsfunktion geschaeftsprozess geschaftsprozess fachverfahren produkt
    fonction fonctionmetier processusmetier produit
    funciondenegocio procesodenegocio producto
    funcaodenegocio processodenegocio produto
    funzione processo prodotto
    bedrijfsfunctie bedrijfsproces`,
  service: `anwendung applikation dienst
    nomapplication
    aplicacion servicio aplicacao servico
    applicazione servizio
    applicatie toepassing
    applikasjon tjanst tjeneste
    aplikacja usluga`,
  purpose: `zweck verwendungszweck
    finalite objectif
    proposito finalidad finalidade
    scopo
    doel
    syfte
    cel`,
  environment: `umgebung
    environnement
    entorno
    ambiente
    omgeving
    miljo
    srodowisko`,
  production: 'produktiv istproduktiv estproduction esproduccion',
  'review-after': `naechstepruefung nachsteprufung pruefdatum prufdatum ueberpruefungbis uberprufungbis rezertifizierung
    prochainerevue daterevue
    proximarevision fecharevision
    volgendecontrole`,
  'source-code': 'quellcode depotgit codesource codigofuente repositorio',
  expires: `ablaufdatum laeuftab lauftab gueltigbis gultigbis
    expirele dateexpiration valablejusquau findevalidite
    caduca caducidad fechacaducidad vencimiento fechavencimiento validade
    scadenza datascadenza
    vervaldatum geldigtot verloopt`,
  rotated: `rotiert rotiertam letzterotation rotationsdatum
    derniererotation daterotation
    ultimarotacion ultimarotacao
    ultimarotazione
    laatsterotatie`,
  created: `erstellt erstelltam erstellungsdatum angelegtam
    creele datecreation
    creado fechacreacion criadoem
    creatoil datacreazione
    aangemaakt aangemaaktop`,
  'third-party': `lieferant dienstleister fremdfirma drittanbieter
    fournisseur prestataire
    proveedor fornecedor fornitore
    leverancier`,
  'data-class': `datenklasse datenklassifizierung schutzbedarf schutzklasse vertraulichkeit
    classificationdonnees confidentialite
    clasificacion confidencialidad
    classificazione riservatezza
    dataclassificatie vertrouwelijkheid`,
  revocation: 'widerruf sperrverfahren revocacion revoca intrekking',
}

/** As `description` and `costcentre`: read where nothing better is said. */
export const WEAK_IN_OTHER_LANGUAGES: [meaning: Meaning, keys: string][] = [
  [
    'business-unit',
    `kostenstelle kostentraeger kostentrager centredecout centrecout codecout centrodecosto centrodecoste centrocosto
    centrodecusto centrodicosto kostenplaats kostnadsstalle kostnadssted`,
  ],
  ['purpose', 'beschreibung descripcion descricao descrizione omschrijving beskrivning beskrivelse opis'],
  ['environment', 'stufe etape'],
]
