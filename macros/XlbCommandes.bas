Attribute VB_Name = "XlbCommandes"
Option Explicit

' xlbridge dans Excel pour Windows : deux macros, à lancer par Alt+F8 ou depuis un bouton.
'
'   XlbConvertir   convertit le classeur actif en copies Factur-X, dans le dossier « factur-x » à côté de lui
'   XlbLire        montre dans un nouveau classeur ce qui est compris du classeur actif
'
' Elles lisent le fichier enregistré, jamais la mémoire d’Excel, et ne modifient pas le classeur.
' Ce fichier est en Windows-1252, que demande « Importer un fichier » ; voir LISEZMOI.md.

Private Const XLB_TITLE As String = "xlbridge"
Private Const XLB_NOT_RUN As Long = -1

' Python gets the text as arguments and keeps its own output in a file: no command interpreter ever reads a workbook's name.
' -P keeps the current folder out of the search path: a json.py that came with an invoice is not imported.
Private Const XLB_PROGRAM As String = "import os,sys;os.environ['COLUMNS']='110';" & _
    "sys.stdout=sys.stderr=open(sys.argv.pop(1),'w',encoding='utf-8');from xlbridge.cli import main;main()"

Public Sub XlbConvertir()
    Dim book As Object, folder As String, text As String
    Set book = XlbSavedWorkbook()
    If book Is Nothing Then Exit Sub
    folder = XlbJoined(book.Path, "factur-x")
    Select Case XlbRun("convert " & XlbQuoted(XlbJoined(book.Path, book.Name)) & " --out " & XlbQuoted(folder), text)
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
    code = XlbRun("read " & XlbQuoted(XlbJoined(book.Path, book.Name)), text)
    If code = XLB_NOT_RUN Then Exit Sub
    XlbShow text
    If code <> 0 Then XlbSay "Le classeur n’a pas pu être lu. Le nouveau classeur dit pourquoi.", vbExclamation
End Sub

' The active workbook when its file says all that the screen shows; otherwise Nothing, and the reason has been said.
Private Function XlbSavedWorkbook() As Object
    Dim refusal As String
    Set XlbSavedWorkbook = Nothing
    If InStr(1, Application.OperatingSystem, "Macintosh", vbTextCompare) > 0 Then
        refusal = "Sur Mac, ces macros ne sont pas encore disponibles. Dans le Terminal : python3 -m xlbridge convert, puis le classeur, " & _
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

' Why a file of this name cannot be passed to a command, in a sentence; empty when it can.
Public Function XlbRefusal(ByVal fullName As String) As String
    Dim position As Long
    If LCase(Left(fullName, 4)) = "http" Then
        XlbRefusal = "Ce classeur est ouvert depuis Internet (OneDrive, SharePoint). Enregistrez-en une copie sur cet ordinateur, puis recommencez."
        Exit Function
    End If
    For position = 1 To Len(fullName)
        If Mid(fullName, position, 1) = """" Or (AscW(Mid(fullName, position, 1)) >= 0 And AscW(Mid(fullName, position, 1)) < 32) Then
            XlbRefusal = "Le nom du classeur ou de son dossier contient un guillemet ou un saut de ligne. Renommez-le, puis recommencez."
            Exit Function
        End If
    Next position
End Function

' Runs « xlbridge <arguments> » and waits. The exit code; `text` receives what it wrote. XLB_NOT_RUN: not run, and the reason has been said.
Private Function XlbRun(ByVal arguments As String, ByRef text As String) As Long
    Dim windows As Object, python As String, logFile As String, commandLine As String, folder As String, code As Long
    XlbRun = XLB_NOT_RUN
    Set windows = XlbCreate("WScript.Shell")
    python = XlbPython()
    If python = "" Then Exit Function
    logFile = XlbJoined(Environ("TEMP"), "xlbridge-" & CLng(Timer * 100) & ".txt")
    commandLine = python & " -P -c " & XlbQuoted(XLB_PROGRAM) & " " & XlbQuoted(logFile) & " " & arguments
    If windows.ExpandEnvironmentStrings(commandLine) <> commandLine Then
        XlbSay "Le nom du classeur ou de son dossier contient un mot entre deux « % » que Windows remplacerait. Renommez-le, " & _
            "puis recommencez.", vbExclamation
        Exit Function
    End If
    folder = windows.CurrentDirectory
    windows.CurrentDirectory = Environ("SystemRoot") ' a py.exe beside the invoices is not the one that starts
    Application.StatusBar = "xlbridge travaille…"
    code = XLB_NOT_RUN
    If XlbWait(windows, python & " -P -c ""import xlbridge""") = 0 Then code = XlbWait(windows, commandLine)
    Application.StatusBar = False
    windows.CurrentDirectory = folder
    If code <> XLB_NOT_RUN Then
        text = XlbTextOf(logFile)
        XlbRun = code
    Else
        XlbSay "xlbridge n’a pas démarré. Installez Python 3.11 ou plus récent (python.org), puis xlbridge, dans une invite de commandes : " & _
            "py -3 -m pip install, suivi du dossier de xlbridge. Si Python est ailleurs, mettez le chemin de python.exe dans la " & _
            "variable d’environnement XLBRIDGE_PYTHON et relancez Excel.", vbExclamation
    End If
End Function

' Python's command: XLBRIDGE_PYTHON, otherwise the launcher of Windows. Empty when the variable names no file, and this has been said.
Private Function XlbPython() As String
    Dim chosen As String
    chosen = Environ("XLBRIDGE_PYTHON")
    If chosen = "" Then
        XlbPython = "py -3"
    ElseIf XlbRefusal(chosen) = "" And XlbIsFile(chosen) Then
        XlbPython = XlbQuoted(chosen)
    Else
        XlbSay "La variable d’environnement XLBRIDGE_PYTHON ne désigne pas un fichier : " & chosen & ". Mettez-y le chemin complet de " & _
            "python.exe, ou supprimez-la, puis relancez Excel.", vbExclamation
    End If
End Function

' One argument as Windows programs take a command line apart: backslashes before the closing quotation mark are doubled.
Public Function XlbQuoted(ByVal argument As String) As String
    Dim last As Long
    last = Len(argument)
    Do While last > 0
        If Mid(argument, last, 1) <> "\" Then Exit Do
        last = last - 1
    Loop
    XlbQuoted = """" & argument & String(Len(argument) - last, "\") & """"
End Function

Public Function XlbJoined(ByVal folder As String, ByVal entry As String) As String
    If Right(folder, 1) = Application.PathSeparator Then
        XlbJoined = folder & entry
    Else
        XlbJoined = folder & Application.PathSeparator & entry
    End If
End Function

' The exit code of a command run without a window; XLB_NOT_RUN when Windows does not find its program.
Private Function XlbWait(ByVal windows As Object, ByVal commandLine As String) As Long
    XlbWait = XLB_NOT_RUN
    On Error GoTo NotFound
    XlbWait = windows.Run(commandLine, 0, True)
NotFound:
End Function

Private Function XlbIsFile(ByVal file As String) As Boolean
    On Error Resume Next ' a drive that is not there: no file
    XlbIsFile = Dir(file) <> ""
End Function

' What the command wrote; its file is removed.
Private Function XlbTextOf(ByVal file As String) As String
    If XlbIsFile(file) Then
        XlbTextOf = XlbDecoded(file)
        Kill file
    Else
        XlbTextOf = "Python s’est arrêté sans rien écrire."
    End If
End Function

' A new workbook with a line of text in each row, as text: a line that begins with « = » is no formula.
Private Sub XlbShow(ByVal text As String)
    Dim sheet As Object, lines() As String, row As Long
    Set sheet = Workbooks.Add.Worksheets(1)
    sheet.Columns(1).NumberFormat = "@"
    sheet.Columns(1).Font.Name = "Consolas"
    lines = Split(Replace(text, vbCr, ""), vbLf)
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

Private Function XlbSay(ByVal message As String, ByVal buttons As Long) As Long
    XlbSay = MsgBox(message, buttons, XLB_TITLE)
End Function

Private Function XlbCreate(ByVal className As String) As Object
    Set XlbCreate = CreateObject(className)
End Function

' The whole of a UTF-8 file.
Private Function XlbDecoded(ByVal file As String) As String
    With XlbCreate("ADODB.Stream")
        .Type = 2 ' adTypeText
        .Charset = "utf-8"
        .Open
        .LoadFromFile file
        XlbDecoded = .ReadText
        .Close
    End With
End Function
