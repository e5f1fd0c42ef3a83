Attribute VB_Name = "XlbCommandes"
Option Explicit

' Deux macros pour tout classeur, dans Excel pour Windows, à lancer par Alt+F8 ou depuis un bouton.
'
'   XlbConvertir   convertit le classeur actif en copies Factur-X, dans le dossier « factur-x » à côté de lui
'   XlbLire        montre dans un nouveau classeur ce qui est compris du classeur actif
'
' Elles lisent le fichier enregistré, jamais la mémoire d’Excel, et ne modifient pas le classeur. Elles ont besoin de XlbHost et XlbFiles.

' -P keeps the current folder out of the search path: a json.py that came with an invoice is not imported.
Private Const XLB_CLI As String = "-P,-B,xlbridge"

Public Sub XlbConvertir()
    Dim book As Object, folder As String, text As String
    Set book = XlbSavedWorkbook()
    If book Is Nothing Then Exit Sub
    folder = XlbJoined(book.Path, "factur-x")
    Select Case XlbRunCli("convert" & vbLf & XlbJoined(book.Path, book.Name) & vbLf & "--out" & vbLf & folder, text)
        Case XLB_NOT_RUN
        Case 0
            XlbOfferReport folder, "Conversion terminée."
        Case 1
            XlbOfferReport folder, "Conversion terminée, mais tout n’a pas pu être converti : le rapport dit quoi et pourquoi."
        Case Else
            XlbShow text
            XlbSay "La conversion s’est arrêtée. Le nouveau classeur dit pourquoi.", vbExclamation
    End Select
End Sub

Public Sub XlbLire()
    Dim book As Object, text As String, code As Long
    Set book = XlbSavedWorkbook()
    If book Is Nothing Then Exit Sub
    code = XlbRunCli("read" & vbLf & XlbJoined(book.Path, book.Name), text)
    If code = XLB_NOT_RUN Then Exit Sub
    XlbShow text
    If code <> 0 Then XlbSay "Le classeur n’a pas pu être lu. Le nouveau classeur dit pourquoi.", vbExclamation
End Sub

' As XlbRun; XLB_NOT_RUN also when there is no xlbridge for Python to run.
Private Function XlbRunCli(ByVal arguments As String, ByRef text As String) As Long
    Dim code As Long
    code = XlbRun(XLB_CLI, arguments, text)
    If XlbMissing(code, text) Then
        XlbSayNotStarted "Python", code, text
        code = XLB_NOT_RUN
    End If
    XlbRunCli = code
End Function

' The active workbook when its file says all that the screen shows; otherwise Nothing, and the reason has been said.
Private Function XlbSavedWorkbook() As Object
    Dim refusal As String
    Set XlbSavedWorkbook = Nothing
    If XlbPlatform() <> "windows" Then
        refusal = "Cette macro est pour Excel sous Windows. Ailleurs, dans le Terminal : python3 -m xlbridge convert, puis le classeur, " & _
            "puis --out et un dossier."
    ElseIf ActiveWorkbook Is Nothing Then
        refusal = "Ouvrez d’abord le classeur à convertir."
    ElseIf ActiveWorkbook.Path = "" Or Not ActiveWorkbook.Saved Then
        refusal = "Enregistrez d’abord le classeur (Ctrl+S), puis recommencez : c’est le fichier qui est lu, non l’écran."
    Else
        refusal = XlbRefusal(XlbJoined(ActiveWorkbook.Path, ActiveWorkbook.Name))
    End If
    If refusal = "" Then
        Set XlbSavedWorkbook = ActiveWorkbook
    Else
        XlbSay refusal, vbExclamation
    End If
End Function

' A new workbook with a line of text in each row, as text: a line that begins with « = » is no formula.
Private Sub XlbShow(ByVal text As String)
    Dim sheet As Object, lines() As String, row As Long
    Set sheet = Workbooks.Add.Worksheets(1)
    sheet.Columns(1).NumberFormat = "@"
    sheet.Columns(1).Font.Name = "Consolas"
    lines = Split(text, vbLf)
    For row = 0 To UBound(lines)
        sheet.Cells(row + 1, 1).Value = lines(row)
    Next row
    ActiveWorkbook.Saved = True
End Sub

Private Sub XlbOfferReport(ByVal folder As String, ByVal message As String)
    If XlbSay(message & vbLf & "Les PDF et le rapport sont dans " & folder & "." & vbLf & "Ouvrir le rapport ?", vbYesNo + vbInformation) = vbYes Then
        Workbooks.Open XlbJoined(folder, "conversion.xlsx")
    End If
End Sub
