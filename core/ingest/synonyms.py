# ruff: noqa: E501 - word lists
"""Words shops use for columns, events and nothing: English, Chinese, German, French, Spanish, Italian, Portuguese, Dutch."""

import re
import unicodedata
from functools import cache

from core.base.schema import Event, ItemKind

NULL_WORDS = (
    "",
    "NULL",
    "null",
    "NaN",
    "nan",
    "None",
    "none",
    "N/A",
    "n/a",
    "#N/A",
    "NA",
    "\\N",
    "<NA>",
    "NaT",
    "(null)",
    "-",
    "—",
)

_STRONG = {
    "user_id": """user_id user uid userid user_no user_pseudo_id customer_id customer customerid cust_id custid customer_no customer_number
        customer_code client_id client clientid shopper_id shopper visitor_id visitorid visitor member_id member memberid buyer_id buyer
        account_id household_id household household_key hshd_num reviewer_id reviewerid person_id consumer_id profile_id
        user_name username reviewer_name customer_unique_id fullvisitorid distinct_id anonymous_id contact_id
        用户 用户id 用户编号 用户号 客户 客户id 客户编号 会员 会员id 会员编号 会员号 会员卡号 顾客 顾客id 顾客编号 买家 买家id 买家昵称 用户名 用户标识
        kunde kunden_id kundennummer kundennr kunden_nr kunden nutzer nutzer_id benutzer benutzer_id käufer
        client_numero numero_client id_client code_client identifiant_client utilisateur id_utilisateur acheteur no_client num_client
        cliente id_cliente cliente_id codigo_cliente usuario id_usuario numero_cliente comprador codice_cliente utente id_utente
        klant klant_id klantnummer gebruiker 顧客id 顧客 会員id ユーザーid 고객id 고객번호 пользователь клиент id_клиента klient id_klienta""",
    "item_id": """item_id item itemid item_no item_number item_code item_sku product_id product productid prod_id product_no product_code
        product_number product_sku product_key pid sku sku_id skuid stock_code stockcode article_id article article_no article_number asin
        parent_asin isbn upc ean gtin barcode goods_id goods movie_id movieid book_id track_id song_id content_id business_id
        clothing_id product_uid material variant_sku handle listing_id iid nm_id offer_id recipe_id game_id ad_id
        商品 商品id 商品编号 商品编码 商品号 商品代码 货号 产品 产品id 产品编号 产品编码 物品id 宝贝id 宝贝编号 商品sku 款号 款式编号
        artikel artikel_id artikelnummer artikelnr artikel_nr art_nr artnr produkt produkt_id produktnummer bestellnummer warennummer
        produit id_produit code_produit reference_produit ref_produit reference article_ref ref code_article id_article num_article
        producto id_producto producto_id codigo_producto articulo id_articulo codigo_articulo produto id_produto codigo_produto
        prodotto id_prodotto codice_prodotto articolo codice_articolo 商品コード 商品番号 상품id 상품코드 товар id_товара артикул
        id_produktu produktnaam_id""",
    "timestamp": """timestamp time datetime date_time event_time eventtime event_timestamp event_date event_datetime created_at createdat created
        creation_date date ts order_date orderdate order_time order_datetime invoice_date invoicedate purchase_date purchase_time
        transaction_date transaction_time transaction_timestamp trans_date t_dat order_purchase_timestamp purchased_at occurred_at
        server_time visit_time action_time click_time view_time behavior_time log_time unix_time unixtime unix_review_time unixreviewtime
        review_date review_time reviewtime rated_at submitted_at sale_date sales_date day when placed_at ordered_at paid_at pay_time
        invoice_datetime date_of_purchase redemption_date order_created_at local_time time_stamp
        时间 时间戳 日期 下单时间 购买时间 购买日期 订单日期 订单时间 成交时间 行为时间 操作时间 付款时间 支付时间 创建时间 发生时间 评论时间 评价时间
        点击时间 浏览时间 交易时间 交易日期 销售日期 订单创建时间
        datum zeit zeitpunkt zeitstempel bestelldatum kaufdatum rechnungsdatum bestellzeit uhrzeit datum_zeit kaufzeitpunkt
        date_commande date_achat date_heure horodatage heure date_facture date_evenement date_de_commande
        fecha fecha_hora fecha_pedido fecha_compra fecha_factura hora data data_ora data_ordine data_acquisto data_pedido data_compra
        besteldatum aankoopdatum tijd tijdstip 日時 購入日 注文日 購買日 日付 주문일 구매일 날짜 дата дата_заказа время дата_покупки data_zamowienia""",
    "event_type": """event_type eventtype event action action_type event_name eventname behavior behavior_type behaviour behaviour_type
        activity activity_type interaction interaction_type interactiontype operation event_category event_kind user_action eventaction
        行为 行为类型 事件 事件类型 动作 操作 操作类型 用户行为 事件名称
        ereignis ereignistyp aktion ereignisart aktionstyp evenement type_evenement evenement_type action_utilisateur
        evento tipo_evento accion tipo_accion acao azione tipo_di_evento gebeurtenis 行動 イベント 이벤트 событие тип_события zdarzenie""",
    "quantity": """quantity qty quantities units unit_count units_sold amount_units pieces pcs item_count count order_quantity orderqty
        order_item_qty quantity_ordered quantityordered num_items sold_quantity purchase_quantity number_of_items
        数量 购买数量 件数 销量 商品数量 销售数量 购买件数
        menge anzahl stückzahl stück bestellmenge quantite qte nombre nb qte_commandee quantite_commandee
        cantidad unidades cant quantidade quantita qta aantal 個数 수량 количество кол_во ilosc""",
    "price": """price unit_price unitprice item_price price_per_unit selling_price sale_price list_price price_each priceeach unit_cost cost
        product_price regular_price price_usd price_eur price_gbp final_price current_price retail_price actual_price discounted_price
        价格 单价 商品价格 售价 销售单价 成交单价 原价 现价 商品单价
        preis einzelpreis stückpreis verkaufspreis preis_eur stueckpreis prix prix_unitaire prix_vente pu prix_ttc prix_unit
        precio precio_unitario preco preco_unitario prezzo prezzo_unitario prijs stukprijs eenheidsprijs 価格 単価 가격 단가 цена цена_за_единицу cena""",
    "amount": """amount total_price totalprice line_total linetotal sales_value sales revenue total_amount line_amount order_amount item_total subtotal
        total_sales gross_amount net_amount extended_price total_value price_total spend turnover sale_amount totalamount payment_value
        金额 总价 总金额 销售额 实付金额 小计 支付金额 成交金额 应付金额 订单金额
        betrag gesamtpreis summe gesamtbetrag umsatz zeilensumme montant prix_total total_ligne montant_total total_ttc montant_ttc
        importe precio_total monto importe_total valor_total importo prezzo_totale totale_riga bedrag totaalprijs 金額 売上 금액 сумма kwota wartosc""",
    "discount": """discount discount_amount retail_disc disc discount_value rebate promo_discount unit_discount discount_amt
        折扣 优惠 优惠金额 折扣金额 rabatt nachlass remise reduction descuento desconto sconto korting 割引 할인 скидка rabat""",
    "session_id": """session_id session sessionid user_session session_key sid visit_id visitid ga_session_id session_number
        会话 会话id 会话编号 sitzung sitzungs_id sitzungsid id_session identifiant_session id_sesion sesion sessao sessione sessie сессия""",
    "platform": """platform channel device device_type devicetype source_platform device_category app_or_web os client_type sales_channel
        sales_channel_id traffic_channel order_channel store_channel medium site
        平台 渠道 设备 终端 来源 设备类型 访问终端 plattform kanal gerät vertriebskanal plateforme canal appareil plataforma
        dispositivo piattaforma canale kanaal apparaat プラットフォーム 플랫폼 платформа устройство""",
    "dwell_s": """dwell_s dwell dwell_time dwelltime dwell_seconds duration duration_s duration_sec duration_seconds time_on_page time_spent
        timespent seconds_on_page view_duration watch_time watchtime page_duration stay_time read_time seconds viewing_seconds playtime
        停留时间 停留时长 浏览时长 停留秒数 时长 观看时长 verweildauer dauer verweildauer_s duree duree_s temps_passe temps_page
        duracion tiempo_en_pagina duracao durata tempo_sulla_pagina duur 滞在時間 체류시간 длительность""",
    "order_id": """order_id order orderid order_no order_number ordernumber invoice invoice_no invoiceno invoice_id invoice_number basket_id basket
        transaction_id transactionid transaction trans_id receipt_id receipt receipt_no bill_no ticket ticket_id purchase_id cart_id
        basket_num order_code sales_order checkout_id
        订单 订单号 订单编号 订单id 单号 发票号 交易号 交易编号 小票号 主订单编号 子订单编号
        bestellung bestell_id bestell_nr rechnungsnummer rechnungs_nr rechnung auftragsnummer auftrag bestellnr belegnummer rechnungsnr
        commande id_commande numero_commande numero_facture facture num_commande no_commande no_facture ref_commande
        pedido id_pedido numero_pedido factura numero_factura ordine id_ordine numero_ordine fattura numero_fattura
        bestelling bestelnummer factuurnummer 注文番号 注文id 주문번호 заказ номер_заказа numer_zamowienia faktura""",
    "position": """position rank slot list_position index_in_list item_position event_order step sequence seq sequence_number order_in_session
        event_sequence place impression_position click_position display_position
        位置 排名 序号 展示位置 platz rang posicion posicao posizione positie 順位 позиция""",
    "rating": """rating ratings star_rating stars star score overall review_score reviewscore rate user_rating grade note_client review_rating
        product_rating overall_rating rating_value satisfaction review_overall preference
        评分 星级 打分 评级 分数 评价星级 bewertung sterne punkte note etoiles notation evaluation_note avis_note
        puntuacion calificacion estrellas valoracion avaliacao nota classificacao valutazione voto stelle punteggio
        beoordeling sterren cijfer 評価 星評価 평점 별점 оценка рейтинг звезды ocena""",
    "text": """text review review_text reviewtext review_body review_content review_comment_message comment comments body content message feedback
        review_description opinion full_text summary_text text_review comment_text review_message
        评论 评价 评论内容 评价内容 评语 内容 评论文本 点评 kommentar rezension bewertungstext text_bewertung kundenmeinung bericht
        commentaire commentaires avis texte texte_avis contenu avis_client comentario comentarios resena opiniones texto reseña
        comentário resenha commento recensione testo recensie opmerking レビュー コメント 口コミ 리뷰 후기 отзыв комментарий recenzja opinia""",
    "title": """title product_name productname item_name itemname product_title item_title name product_display_name productdisplayname
        article_name prod_name product_desc productdescription_short display_name goods_name movie_title book_title item_description
        sku_name stock_description product_label headline
        商品名称 商品名 商品标题 产品名称 名称 标题 品名 宝贝标题 货品名称
        bezeichnung artikelbezeichnung produktname artikelname titel produktbezeichnung name_artikel produkttitel
        titre nom nom_produit libelle libelle_produit designation intitule nom_article
        titulo nombre_producto nombre descripcion_corta nome nome_produto nome_prodotto titolo denominazione denominacion
        productnaam naam omschrijving_kort 商品名 タイトル 상품명 название наименование nazwa nazwa_produktu""",
    "review_title": """title review_title review_headline headline summary review_summary subject review_comment_title short_review
        评论标题 评价标题 标题 titel bewertungstitel überschrift titre titre_avis titulo titulo_resena titolo titolo_recensione タイトル 제목 заголовок""",
    "item_title": """product_title product_name item_title item_name productname itemname movie_title book_title
        商品名称 商品名 商品标题 produktname artikelname nom_produit nombre_producto nome_produto nome_prodotto productnaam""",
    "description": """description desc details long_description product_description item_details body_html about detail_desc full_description
        about_product features body_copy short_description overview plot
        描述 商品描述 详情 产品描述 商品详情 简介 beschreibung produktbeschreibung langtext artikelbeschreibung artikeltext
        description_produit descriptif details_produit descripcion descripcion_producto descricao descrizione descrizione_prodotto
        beschrijving omschrijving 説明 商品説明 설명 описание opis""",
    "brand": """brand brand_name brandname manufacturer maker vendor label_brand producer brand_label designer publisher
        品牌 品牌名称 厂商 牌子 marke hersteller markenname lieferant marque fabricant marca fabricante produttore merk fabrikant
        ブランド メーカー 브랜드 бренд производитель marka""",
    "category": """category categories category_code category_name product_category item_category product_category_name category_path cat
        main_category genre genres product_type product_group producttype product_group_name department division class taxonomy
        department_name division_name class_name master_category mastercategory sub_category subcategory article_type articletype
        product_type_name section_name garment_group_name index_group_name category_l1 category_l2 category_l3 level_1 level_2 level_3
        category_1 category_2 category_3 family collection commodity type_of_product category_tree breadcrumb
        类目 类别 分类 商品类目 商品类别 商品分类 品类 一级类目 二级类目 三级类目 一级分类 二级分类 三级分类 类目名称
        kategorie warengruppe produktkategorie hauptkategorie unterkategorie produktgruppe abteilung
        categorie categorie_produit rayon famille sous_categorie gamme categoria categoria_producto subcategoria familia departamento
        categoria_produto categoria_prodotto reparto categorie_naam productgroep カテゴリ カテゴリー 카테고리 категория раздел kategoria""",
    "category_weak": "category_id categoryid cat_id type class_id department_id 类目id 品类id kategorie_id",
    "image": """image image_url imageurl img img_url picture picture_url photo photo_url image_path image_file image_link image_src thumbnail
        thumbnail_url main_image product_image imurl filename images
        图片 商品图片 主图 图片链接 图片地址 bild bild_url produktbild bilddatei image_produit photo_produit imagen imagen_url foto
        imagem immagine afbeelding 画像 이미지 изображение картинка zdjecie""",
    "kind": "kind item_kind item_type content_type product_kind 商品性质 内容类型 artikelart",
    "stock": """stock stock_level inventory inventory_quantity quantity_in_stock on_hand in_stock available_stock availability stock_quantity
        qty_on_hand variant_inventory_qty units_in_stock
        库存 库存数量 lagerbestand bestand lager verfügbar stock_disponible en_stock disponible existencias estoque giacenza voorraad
        在庫 재고 остаток наличие stan""",
    "url": "url link product_url page_url permalink product_link href item_url 链接 商品链接 网址 lien url_produit enlace collegamento ссылка",
    "country": """country country_code nation region market customer_country ship_country location_country shipping_country
        国家 地区 国家地区 land lieferland pays pays_livraison pais paese 国 국가 страна kraj""",
    "name": """name full_name fullname display_name customer_name user_name nickname first_name
        姓名 昵称 名称 vollständiger_name nom nom_complet nombre nome 氏名 имя nazwa""",
    "campaign_name": """campaign_name campaign_type campaign_title ad_name ad_title campaign 活动名称 推广名称 kampagne kampagnenname
        nom_campagne campagne nombre_campana nome_campanha nome_campagna""",
    "joined_at": """joined_at signup_date sign_up_date registered_at registration_date registered created_at join_date joined member_since
        signup_at created account_created register_time reg_time first_seen club_member_since
        注册时间 注册日期 加入时间 入会时间 registriert_am registrierungsdatum anmeldedatum kunde_seit mitglied_seit
        date_inscription inscrit_le date_creation fecha_registro fecha_alta data_cadastro data_registrazione registratiedatum 登録日 дата_регистрации""",
    "friend_id": """friend_id friend friend_user_id friendid followee followee_id followed_id follows following target target_id user_id_2
        user2 user_2 userid2 user_b friend_of to_user to_user_id to_id dst connection_id contact_user_id trusted_user trustee trustee_id
        好友 好友id 朋友id 关注用户id 被关注者 freund freund_id freundes_id ami id_ami suivi amigo id_amigo amico id_amico vriend друг""",
    "friend_source": """user1 user_1 userid1 user_id_1 user_a from_user from_user_id follower follower_id from_id src source source_id truster
        truster_id 关注者 粉丝id""",
    "weight": "weight strength tie_strength affinity trust closeness trust_value 权重 亲密度 gewicht poids peso 重み вес waga",
    "status": """status order_status state fulfillment_status delivery_status order_state fulfilment_status financial_status shipping_status
        状态 订单状态 物流状态 bestellstatus auftragsstatus statut statut_commande etat estado estado_pedido stato stato_ordine 状態 상태 статус""",
    "total": """total order_total grand_total total_amount total_price amount order_value order_amount revenue total_paid payment_value sum
        订单金额 总金额 实付金额 总价 合计 gesamtbetrag gesamtsumme bestellwert summe betrag total_commande montant montant_total
        total_pedido importe importe_total monto_total totale totale_ordine totaal 合計 합계 итого сумма suma""",
    "campaign_id": """campaign_id campaign campaignid campaign_no ad_campaign_id ad_group_id adgroup_id camp_id
        活动id 活动编号 推广计划id 广告计划id 计划id kampagne kampagnen_id kampagnen_nr id_campagne campagne id_campana campana id_campanha""",
    "coupon_id": """coupon_id coupon coupon_upc coupon_code coupon_no voucher voucher_id voucher_code promo_code 优惠券id 优惠券编号 券码
        gutschein gutschein_nr gutscheincode bon_id code_promo cupon codigo_cupon cupom buono codice_buono""",
    "redeemed_at": """redeemed_at redemption_date redeem_date redeemed_on redemption_time used_at date_used used_on 核销时间 使用时间
        eingeloest_am einloesedatum date_utilisation fecha_canje""",
    "bid": "bid cpc bid_amount max_cpc cost_per_click bid_price max_bid 出价 点击出价 gebot klickpreis enchere cout_par_clic puja oferta offerta bod ставка",
    "budget": "budget total_budget campaign_budget spend_limit daily_budget 预算 总预算 日预算 budget_total presupuesto orcamento budget_eur бюджет budzet",
    "starts_at": """starts_at start_date start_time starts start begin begin_date launch_date start_at date_start valid_from from_date
        开始时间 开始日期 startdatum beginn start_datum von date_debut debut fecha_inicio inicio data_inicio data_inizio inizio 開始日 начало дата_начала""",
    "ends_at": """ends_at end_date end_time ends end finish_date stop_date end_at date_end valid_to valid_until to_date expires_at
        结束时间 结束日期 enddatum ende end_datum bis date_fin fin fecha_fin fecha_final data_fim data_fine fine 終了日 конец дата_окончания""",
    "frequency_cap": "frequency_cap freq_cap cap max_impressions impressions_per_user daily_cap max_per_day 频次上限 频控 frequenzlimit plafond limite_frecuencia",
}

_EVENTS = {
    Event.VIEW: """view views viewed page_view pageview product_view productview view_item view_product product_viewed item_view detail_view
        view_item_list impression browse browsed visit pv look open detail pageview_detail screen_view read watch play view_content viewcontent
        show seen product_detail_view viewed_product product_page_view
        浏览 查看 浏览商品 曝光 访问 ansicht ansehen angesehen aufruf seitenaufruf produktansicht vue vu voir consultation page_vue visite
        vista ver visualizacion visto visualizacao visualizzazione visualizzato bekeken weergave bekijken 閲覧 조회 просмотр wyswietlenie""",
    Event.CLICK: """click clicks clicked tap select_item select product_click item_click click_item open_product clickout ad_click link_click
        select_content product_clicked 点击 点按 klick geklickt angeklickt clic clique cliquer clicado clicco cliccato geklikt クリック 클릭 клик klikniecie""",
    Event.CART: """cart add_to_cart addtocart added_to_cart add_cart addcart basket add_to_basket atc cart_add product_added add cart_addition
        addition_to_cart add_item add_to_bag begin_checkout checkout added_to_basket addtobasket
        加购 加入购物车 购物车 加车 添加购物车 warenkorb in_den_warenkorb in_warenkorb zum_warenkorb_hinzugefügt ajout_panier ajouter_au_panier panier
        ajout_au_panier carrito anadir_al_carrito agregar_al_carrito carrinho adicionar_ao_carrinho carrello aggiunto_al_carrello
        aggiungi_al_carrello winkelwagen in_winkelwagen カート カート追加 장바구니 корзина в_корзину добавить_в_корзину koszyk do_koszyka""",
    Event.WISHLIST: """wishlist add_to_wishlist addtowishlist favorite favourite fav like liked save saved bookmark favorited collect heart
        added_to_wishlist wish add_to_favorites add_to_favourites saved_item
        收藏 喜欢 加收藏 关注 merkliste merkzettel wunschliste favorit favori favoris ajout_favoris liste_envies favorito lista_de_deseos
        lista_desideri preferito verlanglijst お気に入り 찜 избранное в_избранное ulubione""",
    Event.PURCHASE: """purchase purchases purchased buy bought order ordered transaction checkout_complete sale sold paid pay payment conversion
        order_completed completed_order complete_order product_purchase checkout_completed order_placed buy_product invoice completed
        place_order placed_order order_complete order_paid
        购买 下单 成交 支付 付款 订单 交易 kauf gekauft kaufen bestellung bestellt verkauf achat acheter achete commande commander vente
        compra comprar comprado pedido venta venda acquisto acquistato ordine vendita aankoop gekocht bestelling 購入 구매 покупка заказ
        zakup zamowienie""",
    Event.RETURN: """return returned refund refunded cancel cancelled canceled cancellation cancellation_line order_cancelled chargeback credit
        credit_note order_refunded product_returned
        退货 退款 取消 取消订单 retoure rückgabe storno storniert erstattung gutschrift rücksendung retour remboursement annulation annule
        rembourse devolucion reembolso cancelado cancelacion devolucao reso rimborso annullato annullamento terugbetaling geannuleerd
        返品 キャンセル 환불 반품 취소 возврат отмена zwrot""",
}

_KINDS = {
    ItemKind.PRODUCT: "product item goods sku physical 商品 产品 produkt artikel produit producto prodotto",
    ItemKind.CONTENT: "content article blog post guide video page story news tutorial recipe 内容 文章 视频 beitrag contenu contenido contenuto",
    ItemKind.AD: "ad ads advert advertisement sponsored banner promo promotion creative 广告 推广 anzeige werbung publicite anuncio annuncio",
}


def key(word: str) -> str:
    """Return a header or value in the form used for comparing: accents, case, camelCase and separators away.

    >>> key("CustomerID"), key("Prix unitaire (€)"), key("Stückpreis"), key("商品 编号")
    ('customer_id', 'prix_unitaire', 'stuckpreis', '商品_编号')
    """
    return "_".join(tokens(word))


@cache
def tokens(word: str) -> tuple[str, ...]:
    """Return the words of a header."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", unicodedata.normalize("NFKC", word))
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char) or ord(char) > 0x3000)
    return tuple(re.findall(r"\w+", re.sub(r"_", " ", unicodedata.normalize("NFC", plain).lower().replace("ß", "ss"))))


def squeezed(word: str) -> str:
    """Return the key without separators, so that 'userid' and 'user_id' agree."""
    return "".join(tokens(word))


@cache
def field_words(field: str) -> frozenset[str]:
    """Return the squeezed names known for a field; more tellingly named ones only."""
    return frozenset(squeezed(word) for word in _STRONG[field].split())


@cache
def field_phrases(field: str) -> tuple[tuple[str, ...], ...]:
    """Return the known names as tuples of words, for matching inside longer headers."""
    return tuple(tokens(word) for word in _STRONG[field].split())


@cache
def is_known_header(cell: str) -> bool:
    """Whether the cell is, or contains, a name known for some field.

    >>> is_known_header("CustomerID"), is_known_header("17850")
    (True, False)
    """
    name = squeezed(cell)
    return (
        any(name in field_words(field) for field in _STRONG) or ("id" in tokens(cell) and len(tokens(cell)) > 1) or name == "id"
    )


@cache
def event_names() -> dict[str, Event]:
    """Return {key of a name: event}; for example 'add_to_cart' and '加购' are both Event.CART."""
    return {key(word): event for event, words in _EVENTS.items() for word in words.split()}


@cache
def kind_names() -> dict[str, ItemKind]:
    """Return {key of a name: item kind}."""
    return {key(word): kind for kind, words in _KINDS.items() for word in words.split()}


def event_of(value: str) -> Event | None:
    """Return the event a log's own word stands for, or None.

    >>> event_of("Add-to-Cart"), event_of("购买"), event_of("hover")
    (<Event.CART: 'cart'>, <Event.PURCHASE: 'purchase'>, None)
    """
    return event_names().get(key(value))
